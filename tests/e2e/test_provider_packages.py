"""A provider package that somebody has installed beside Beeflow, run by the real server.

The package is made here, as pip would lay it: modules below `airflow/providers`, and the entry
point by which it is found. It has what packages have: a hook, operators, a deferrable sensor and
its trigger, a task decorator, a link, a notifier.
"""

import textwrap
import unittest

from engine import EngineTest, wait_for

PACKAGE = {
    "airflow/providers/acme/__init__.py": """
        from airflow import __version__ as airflow_version

        numbers = tuple(int(part) for part in airflow_version.split("."))
        if numbers < (2, 9, 0):
            raise RuntimeError("this package needs Apache Airflow 2.9.0+")
        """,
    "airflow/providers/acme/get_provider_info.py": """
        def get_provider_info():
            package = "airflow.providers.acme"
            return {
                "package-name": "apache-airflow-providers-acme",
                "connection-types": [
                    {
                        "connection-type": "acme",
                        "hook-class-name": f"{package}.hooks.acme.AcmeHook",
                    }
                ],
                "task-decorators": [
                    {"name": "acme", "class-name": f"{package}.decorators.acme.acme_task"}
                ],
            }
        """,
    "airflow/providers/acme/hooks/acme.py": """
        from contextlib import closing
        import sqlite3

        from airflow.providers.common.sql.hooks.sql import DbApiHook
        from airflow.providers_manager import ProvidersManager


        class AcmeHook(DbApiHook):
            conn_name_attr = "acme_conn_id"
            default_conn_name = "acme_default"
            conn_type = "acme"
            hook_name = "Acme"

            def __init__(self, *args, region=None, **kwargs):
                super().__init__(*args, **kwargs)
                self.region = region

            def get_conn(self):
                connection = self.get_connection(self.get_conn_id())
                if connection.extra_dejson["mode"] != "test":
                    raise ValueError("wrong extra field")
                return sqlite3.connect(connection.host)

            def agent(self):
                package = ProvidersManager().hooks[self.conn_type].package_name
                return f"acme/{ProvidersManager().providers[package].version}"
        """,
    "airflow/providers/acme/links/acme.py": """
        from airflow.models import BaseOperatorLink, XCom


        class AcmeLink(BaseOperatorLink):
            name = "Acme job"
            key = "acme_job"

            @classmethod
            def persist(cls, context, operator, job):
                operator.xcom_push(context, key=cls.key, value={"job": job})

            def get_link(self, operator, *, ti_key):
                found = XCom.get_value(key=self.key, ti_key=ti_key)
                return f"https://acme.example/{found['job']}" if found else ""
        """,
    "airflow/providers/acme/operators/acme.py": """
        from airflow.configuration import conf
        from airflow.models import BaseOperator
        from airflow.providers.acme.hooks.acme import AcmeHook
        from airflow.providers.acme.links.acme import AcmeLink


        class Setting:
            # An object of another library, which knows nothing of templates.
            def __init__(self, name, value):
                self.name = name
                self.value = value


        class AcmeJobOperator(BaseOperator):
            template_fields = ("job", "settings")
            operator_extra_links = (AcmeLink(),)

            def __init__(
                self,
                *,
                job,
                settings=(),
                acme_conn_id=AcmeHook.default_conn_name,
                deferrable=conf.getboolean("operators", "default_deferrable", fallback=False),
                **kwargs,
            ):
                super().__init__(**kwargs)
                self.job = job
                self.settings = settings
                self.acme_conn_id = acme_conn_id

            def _render_nested_template_fields(self, content, context, jinja_env, seen_oids):
                if isinstance(content, Setting):
                    fields = ("value",)
                    self._do_render_template_fields(content, fields, context, jinja_env, seen_oids)
                    return
                super()._render_nested_template_fields(content, context, jinja_env, seen_oids)

            def execute(self, context):
                AcmeLink.persist(context=context, operator=self, job=self.job)
                hook = AcmeHook(acme_conn_id=self.acme_conn_id)
                return {
                    "agent": hook.agent(),
                    "settings": {item.name: item.value for item in self.settings},
                }
        """,
    "airflow/providers/acme/triggers/acme.py": """
        import asyncio
        import os

        from airflow.triggers.base import BaseTrigger, TriggerEvent


        class AcmeTrigger(BaseTrigger):
            # As many do, it leaves the constructor of the base class out.
            def __init__(self, path, since, serialized_fields=None):
                self.path = path
                self.since = since

            def serialize(self):
                name = f"{type(self).__module__}.{type(self).__qualname__}"
                return name, {"path": self.path, "since": self.since}

            async def run(self):
                self.log.info("Watching %s", self.path)
                while not os.path.exists(self.path):
                    await asyncio.sleep(0.01)
                yield TriggerEvent({"status": "success", "since": self.since})
        """,
    "airflow/providers/acme/sensors/acme.py": """
        from datetime import timedelta

        from airflow.exceptions import AirflowException
        from airflow.providers.acme.triggers.acme import AcmeTrigger
        from airflow.sensors.base import BaseSensorOperator
        from airflow.utils import timezone


        class AcmeSensor(BaseSensorOperator):
            template_fields = ("path",)

            def __init__(self, *, path, deferrable=False, **kwargs):
                super().__init__(**kwargs)
                self.path = path
                self.deferrable = deferrable

            def execute(self, context):
                if not self.deferrable:
                    return super().execute(context)
                self.defer(
                    timeout=timedelta(seconds=self.timeout),
                    trigger=AcmeTrigger(path=self.path, since=timezone.utcnow()),
                    method_name="execute_complete",
                )

            def execute_complete(self, context, event):
                if event["status"] != "success":
                    raise AirflowException(event["status"])
                return event["since"].isoformat()
        """,
    "airflow/providers/acme/decorators/acme.py": """
        import pickle
        import subprocess
        import sys
        from pathlib import Path
        from tempfile import TemporaryDirectory

        from airflow.decorators.base import DecoratedOperator, task_decorator_factory
        from airflow.operators.python import _SERIALIZERS
        from airflow.providers.acme.operators.acme import AcmeJobOperator
        from airflow.utils.python_virtualenv import write_python_script


        class _AcmeDecoratedOperator(DecoratedOperator, AcmeJobOperator):
            custom_operator_name = "@task.acme"
            template_fields = (*AcmeJobOperator.template_fields, "op_args", "op_kwargs")

            def __init__(self, **kwargs):
                super().__init__(job="decorated", **kwargs)

            def execute(self, context):
                serializer = _SERIALIZERS["pickle"]
                with TemporaryDirectory() as name:
                    script, given, result = (Path(name) / part for part in ("s.py", "in", "out"))
                    given.write_bytes(
                        serializer.dumps({"args": self.op_args, "kwargs": self.op_kwargs})
                    )
                    write_python_script(
                        {
                            "python_callable": self.python_callable.__name__,
                            "python_callable_source": self.get_python_source(),
                            "pickling_library": serializer.__name__,
                            "op_args": self.op_args,
                            "op_kwargs": self.op_kwargs,
                            "expect_airflow": False,
                            "string_args_global": False,
                        },
                        filename=str(script),
                    )
                    subprocess.run([sys.executable, script, given, result], check=True)
                    return pickle.loads(result.read_bytes())


        def acme_task(python_callable=None, multiple_outputs=None, **kwargs):
            return task_decorator_factory(
                python_callable=python_callable,
                multiple_outputs=multiple_outputs,
                decorated_operator_class=_AcmeDecoratedOperator,
                **kwargs,
            )
        """,
    "airflow/providers/acme/notifications/acme.py": """
        from airflow.notifications.basenotifier import BaseNotifier


        class AcmeNotifier(BaseNotifier):
            template_fields = ("text",)

            def __init__(self, path, text):
                super().__init__()
                self.path = path
                self.text = text

            def notify(self, context):
                with open(self.path, "a", encoding="utf-8") as stream:
                    stream.write(self.text + "\\n")
        """,
    "apache_airflow_providers_acme-4.5.6.dist-info/METADATA": """
        Metadata-Version: 2.1
        Name: apache-airflow-providers-acme
        Version: 4.5.6
        """,
    "apache_airflow_providers_acme-4.5.6.dist-info/entry_points.txt": """
        [apache_airflow_provider]
        provider_info = airflow.providers.acme.get_provider_info:get_provider_info
        """,
}

DAG_FILE = """
import pendulum
from airflow import DAG
from airflow.decorators import task
from airflow.providers.acme.notifications.acme import AcmeNotifier
from airflow.providers.acme.operators.acme import AcmeJobOperator, Setting
from airflow.providers.acme.sensors.acme import AcmeSensor
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

SCRATCH = {scratch!r}

with DAG("acme", schedule=None, start_date=pendulum.datetime(2021, 1, 1), catchup=False):
    settings = [Setting("day", "{{{{ ds }}}}"), Setting("try", "{{{{ ti.try_number }}}}")]
    AcmeJobOperator(
        task_id="job",
        job="j-{{{{ ds_nodash }}}}",
        settings=settings,
        on_success_callback=AcmeNotifier(f"{{SCRATCH}}/told", "{{{{ ti.task_id }}}} is done"),
    )
    AcmeSensor(task_id="wait", path=f"{{SCRATCH}}/there", deferrable=True)
    SQLExecuteQueryOperator(
        task_id="query",
        conn_id="acme_default",
        sql="SELECT 6 * 7",
        hook_params={{"region": "north"}},
    )

    @task.acme(multiple_outputs=True)
    def add(left, right, *, day):
        return {{"sum": left + right, "day": day}}

    @task
    def show(total):
        return f"total {{total}}"

    show(add(1, right=2, day="{{{{ ds }}}}")["sum"])
"""


class ProviderPackageTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.packages = self.engine.root / "packages"
        self.install(PACKAGE)
        inherited = self.engine.environment.get("PYTHONPATH")
        self.engine.environment["PYTHONPATH"] = ":".join(
            filter(None, [str(self.packages), inherited]))
        self.engine.environment["AIRFLOW_CONN_ACME_DEFAULT"] = (
            '{"conn_type": "acme", "host": ":memory:", "extra": {"mode": "test"}}')

    def install(self, files):
        for name, source in files.items():
            path = self.packages / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(source).lstrip("\n"), encoding="utf-8")

    def test_its_operators_run(self):
        engine = self.engine
        engine.write("acme.py", DAG_FILE.format(scratch=str(engine.scratch)))
        engine.start()
        engine.wait_dag("acme")
        engine.trigger("acme", "r1")
        engine.wait_task("acme", "r1", "wait", "deferred")
        (engine.scratch / "there").touch()
        self.assertEqual(engine.wait_run("acme", "r1"), "success", engine.states("acme", "r1"))

        day = engine.value("SELECT date(execution_date) FROM dag_run WHERE run_id = 'r1'")
        job = engine.xcom("acme", "r1", "job")
        self.assertEqual(job["agent"], "acme/4.5.6")
        self.assertEqual(job["settings"], {"day": day, "try": "1"})
        self.assertEqual(engine.xcom("acme", "r1", "job", "acme_job"),
                         {"job": "j-" + day.replace("-", "")})
        self.assertEqual(engine.xcom("acme", "r1", "query"),
                         [{"__type": "tuple", "__var": [42]}])
        self.assertEqual(engine.xcom("acme", "r1", "add", "day"), day)
        self.assertEqual(engine.xcom("acme", "r1", "show"), "total 3")
        self.assertIn("T", engine.xcom("acme", "r1", "wait"))
        self.assertRegex(engine.log("acme", "r1", "wait"),
                         rf"\] \{{acme.py:\d+\}} INFO - Watching {engine.scratch}/there\n")
        told = engine.scratch / "told"
        wait_for(lambda: told.exists() and told.read_text(encoding="utf-8") == "job is done\n",
                 "the notifier to write its text", engine)

    def test_one_that_is_broken_harms_nobody_else(self):
        self.install({
            "airflow/providers/broken/get_provider_info.py": "raise RuntimeError('too old')",
            "apache_airflow_providers_broken-1.0.dist-info/METADATA":
                "Metadata-Version: 2.1\nName: apache-airflow-providers-broken\nVersion: 1.0\n",
            "apache_airflow_providers_broken-1.0.dist-info/entry_points.txt":
                "[apache_airflow_provider]\n"
                "provider_info = airflow.providers.broken.get_provider_info:get_provider_info\n",
        })
        self.engine.write_dag("fine", """
            @task.acme
            def add(left, right):
                return left + right

            add(2, 3)
        """)
        self.engine.start()
        state, states = self.engine.complete("fine", "r1")
        self.assertEqual(state, "success", states)
        self.assertEqual(self.engine.xcom("fine", "r1", "add"), 5)


if __name__ == "__main__":
    unittest.main()
