"""What provider packages find in the core beside names: each test does what such packages do."""

from __future__ import annotations

import inspect
import os
import pickle
import stat
import subprocess
import sys
import textwrap
import unittest
from typing import Any
from unittest import mock

from harness import PYTHON_ROOT, FolderTest

from airflow.exceptions import AirflowException
from airflow.hooks.base import BaseHook
from airflow.models import DAG, BaseOperator, Connection, DagRun, RenderedTaskInstanceFields
from airflow.providers_manager import HookInfo
from airflow.utils.context import Context
from airflow.utils.decorators import remove_task_decorator
from airflow.utils.operator_helpers import ExecutionCallableRunner
from airflow.utils.python_virtualenv import write_python_script
from airflow.utils.session import create_session


class Setting:
    """An object of a library that knows nothing of templates."""

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value


class Mount(dict):  # type: ignore[type-arg]
    """A dict with names of its fields, as that of the library of Docker."""


class Box:
    """An object that names its own fields."""

    template_fields = ("inside",)

    def __init__(self, inside: Any) -> None:
        self.inside = inside


class SettingsOperator(BaseOperator):
    template_fields = ("settings",)

    def __init__(self, settings: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.settings = settings

    def _render_nested_template_fields(
        self, content: Any, context: Any, jinja_env: Any, seen_oids: set[int]
    ) -> None:
        if isinstance(content, Setting):
            self._do_render_template_fields(content, ("value",), context, jinja_env, seen_oids)
            return
        super()._render_nested_template_fields(content, context, jinja_env, seen_oids)


class NestedRenderingTest(unittest.TestCase):
    def render(self, settings: Any, day: str) -> Any:
        operator = SettingsOperator(task_id="t", settings=settings)
        attempt = operator.prepare_for_execution()
        attempt.render_template_fields(Context({"ds": day}))
        return attempt.settings

    def test_objects_of_other_libraries(self) -> None:
        setting = Setting("{{ ds }}", {"day": ["{{ ds }}"]})
        (rendered,) = self.render([setting], "2024-01-31")
        self.assertEqual(rendered.value, {"day": ["2024-01-31"]})
        self.assertEqual(rendered.name, "{{ ds }}")

    def test_the_next_attempt_renders_anew(self) -> None:
        setting = Setting("a", "{{ ds }}")
        for day in ("2024-01-31", "2024-02-01"):
            self.assertEqual(self.render([setting], day)[0].value, day)
        self.assertEqual(setting.value, "{{ ds }}")

    def test_objects_within_objects(self) -> None:
        outer = self.render(Setting("a", Box(Setting("b", "{{ ds }}"))), "2024-01-31")
        self.assertEqual(outer.value.inside.value, "2024-01-31")

    def test_other_values_stay_what_they_are(self) -> None:
        connection = object()
        for value in (len, Setting, 5, connection):
            self.assertIs(self.render(value, "2024-01-31"), value)

    def test_a_dict_with_fields_is_a_dict(self) -> None:
        mount = Mount(Source="/data/{{ ds }}")
        mount.template_fields = ("Source",)  # type: ignore[attr-defined]
        self.assertEqual(self.render(mount, "2024-01-31"), {"Source": "/data/2024-01-31"})


class ScriptTest(FolderTest):
    SOURCE = "def call(a, b=2):\n    return None if a is None else {'sum': a + b}\n"

    def call(self, given: dict[str, Any] | None, *more: str, **context: Any) -> Any:
        script, arguments, result = (self.folder / name for name in ("script.py", "in", "out"))
        write_python_script(
            {
                "python_callable": "call",
                "python_callable_source": self.SOURCE,
                "pickling_library": "pickle",
                "expect_airflow": False,
                **context,
            },
            filename=str(script),
        )
        arguments.write_bytes(b"" if given is None else pickle.dumps(given))
        command = [sys.executable, "-I", script, arguments, result, *more]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        content = result.read_bytes()
        return pickle.loads(content) if content else None

    def test_arguments_and_result(self) -> None:
        given = {"args": [1], "kwargs": {"b": 5}}
        self.assertEqual(self.call(given, string_args_global=False), {"sum": 6})

    def test_nothing_given_and_nothing_returned(self) -> None:
        self.SOURCE = "def call():\n    pass\n"
        self.assertIsNone(self.call(None, string_args_global=False))

    def test_text_arguments(self) -> None:
        strings = self.folder / "strings"
        strings.write_text("one\ntwo\n", encoding="utf-8")
        self.SOURCE = "def call():\n    return virtualenv_string_args\n"
        self.assertEqual(self.call(None, str(strings)), ["one", "two"])

    def test_an_error_is_written_down(self) -> None:
        error = self.folder / "error"
        self.SOURCE = "def call():\n    raise ValueError('no such day')\n"
        with self.assertRaises(subprocess.CalledProcessError):
            self.call(None, "none", str(error), string_args_global=False)
        self.assertEqual(error.read_text(encoding="utf-8"), "no such day")


class DecoratorSourceTest(unittest.TestCase):
    def remove(self, source: str) -> str:
        return remove_task_decorator(textwrap.dedent(source).lstrip("\n"), "@task.docker")

    def test_plain(self) -> None:
        self.assertEqual(self.remove("@task.docker\ndef f():\n    pass\n"), "def f():\n    pass\n")

    def test_with_arguments_over_lines(self) -> None:
        source = """
            @setup
            @task.docker(
                image="python:3.11",  # with a ")" in a comment
                environment={"a": "@task.docker"},
            )
            @cached
            def f():
                return "@task.docker"
            """
        expected = '@cached\ndef f():\n    return "@task.docker"\n'
        self.assertEqual(self.remove(source), expected)

    def test_without(self) -> None:
        self.assertEqual(self.remove("def f(): pass\n"), "def f(): pass\n")


class ArgumentsTest(unittest.TestCase):
    def test_packages_sort_arguments_by_the_signature_of_the_base_operator(self) -> None:
        """A package of dbt tasks does so, and left `retries` and `pool` out."""

        class Project:
            def __init__(self, project: str) -> None:
                self.project = project

        class ProjectOperator(Project, BaseOperator):
            def __init__(self, **kwargs: Any) -> None:
                names = set(inspect.signature(BaseOperator.__init__).parameters)
                Project.__init__(self, **{k: v for k, v in kwargs.items() if k not in names})
                BaseOperator.__init__(self, **{k: v for k, v in kwargs.items() if k in names})

        with DAG("d", schedule=None, default_args={"owner": "team"}):
            task = ProjectOperator(task_id="t", project="p", retries=3, pool="small")
        self.assertEqual((task.project, task.retries, task.pool), ("p", 3, "small"))
        self.assertEqual(task.owner, "team")


class RenderedFieldsTest(unittest.TestCase):
    def test_operators_replace_their_row(self) -> None:
        """Tasks of dbt show their SQL this way; here nothing keeps it, and nothing fails."""
        task = SettingsOperator(task_id="t", settings="select 1")
        ti = mock.Mock(dag_id="d", task_id="t", run_id="r", map_index=-1, task=task)
        row = RenderedTaskInstanceFields(ti, render_templates=False)
        self.assertEqual(row.rendered_fields, {"settings": "select 1"})
        with create_session() as session:
            rows = session.query(RenderedTaskInstanceFields)
            self.assertEqual(rows.filter(RenderedTaskInstanceFields.dag_id == "d").delete(), 0)
            session.add(row)

    def test_other_tables_are_refused(self) -> None:
        with create_session() as session, self.assertRaisesRegex(AirflowException, "no access"):
            session.query(DagRun)


class RunnerTest(unittest.TestCase):
    def test_function_and_generator(self) -> None:
        from airflow.datasets import Dataset
        from airflow.datasets.events import OutletEventAccessors
        from airflow.datasets.metadata import Metadata

        outlet = Dataset("s3://bucket/key")
        events = OutletEventAccessors([outlet])

        def generate(rows: int) -> Any:
            yield Metadata(outlet, {"rows": rows})
            return "done"

        self.assertEqual(ExecutionCallableRunner(len, events).run([1, 2]), 2)
        self.assertEqual(ExecutionCallableRunner(generate, events).run(5), "done")
        self.assertEqual(events[outlet].extra, {"rows": 5})


class ConnectionTest(unittest.TestCase):
    class Hook(BaseHook):
        conn_name_attr = "acme_conn_id"

        def __init__(self, acme_conn_id: str) -> None:
            super().__init__()

        def test_connection(self) -> tuple[bool, str]:
            return True, "fine"

    def test_test_connection(self) -> None:
        info = HookInfo("acme.Hook", "acme_conn_id", "acme", "Acme", "acme")
        with (
            mock.patch("airflow.providers_manager._find_hooks", lambda: {"acme": info}),
            mock.patch("airflow.utils.module_loading.import_string", lambda _: self.Hook),
        ):
            found = Connection("c", "acme").test_connection()
        self.assertEqual(found, (True, "fine"))

    def test_test_connection_of_an_unknown_type(self) -> None:
        works, message = Connection("c", "nonsense").test_connection()
        self.assertFalse(works)
        self.assertIn("nonsense", message)

    def test_description_hides_secrets(self) -> None:
        connection = Connection("c", "acme", password="hidden", extra='{"key": "hidden"}')
        with self.assertWarns(DeprecationWarning):
            self.assertNotIn("hidden", connection.log_info())


class ViewTest(unittest.TestCase):
    def test_operators_may_share_a_module_with_a_view(self) -> None:
        """A package for Spark clusters does; its view is not served, and refuses a call."""
        from airflow.auth.managers.models.resource_details import DagAccessEntity
        from airflow.www import auth
        from airflow.www.views import AirflowBaseView

        class Repair(AirflowBaseView):
            @auth.has_access_dag("POST", DagAccessEntity.RUN)
            def repair(self) -> str:
                return "repaired"

        with self.assertRaisesRegex(AirflowException, "not served"):
            Repair.repair(mock.Mock())


class LineageTest(unittest.TestCase):
    def test_hooks_report_and_packages_need_not_patch(self) -> None:
        from airflow.lineage.hook import get_hook_lineage_collector

        collector = get_hook_lineage_collector()
        collector.add_output_asset(context=self, scheme="s3", asset_kwargs={"bucket": "b"})
        collector.add_extra(context=self, key="sql", value="select 1")
        self.assertTrue(collector.collected_assets)
        self.assertEqual(collector.collected_assets.outputs, [])
        self.assertFalse(collector.has_collected)
        self.assertTrue(hasattr(collector, "_extra"))


class KerberosTest(FolderTest):
    def setUp(self) -> None:
        super().setUp()
        self.seen = self.folder / "seen"
        self.kinit = self.folder / "kinit"
        environment = {"AIRFLOW__KERBEROS__KINIT_PATH": str(self.kinit)}
        patch = mock.patch.dict(os.environ, environment)
        patch.start()
        self.addCleanup(patch.stop)

    def write_kinit(self, body: str) -> None:
        self.kinit.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        self.kinit.chmod(self.kinit.stat().st_mode | stat.S_IXUSR)

    def test_a_ticket(self) -> None:
        from airflow.security.kerberos import renew_from_kt

        self.write_kinit(f'echo "$@" > {self.seen}')
        self.assertEqual(renew_from_kt("spark@ACME", "/etc/spark.keytab"), 0)
        words = self.seen.read_text(encoding="utf-8").split()
        self.assertEqual(words[-1], "spark@ACME")
        self.assertIn("/etc/spark.keytab", words)

    def test_no_ticket(self) -> None:
        from airflow.security.kerberos import renew_from_kt

        self.write_kinit("echo no such keytab >&2; exit 1")
        with self.assertRaisesRegex(AirflowException, "no such keytab"):
            renew_from_kt("spark@ACME", "/etc/spark.keytab", exit_on_fail=False)
        with self.assertRaises(SystemExit), self.assertLogs("airflow.security.kerberos"):
            renew_from_kt("spark@ACME", "/etc/spark.keytab")


class SmallThingsTest(unittest.TestCase):
    def test_md5_takes_the_argument_of_hashlib(self) -> None:
        from airflow.utils.hashlib_wrapper import md5

        self.assertEqual(md5(b"a", usedforsecurity=False).hexdigest(), md5(b"a").hexdigest())

    def test_serializers_are_imported_when_they_are_asked_for(self) -> None:
        from airflow.operators.python import _SERIALIZERS

        self.assertIn("cloudpickle", _SERIALIZERS)
        self.assertNotIn("nonsense", _SERIALIZERS)
        self.assertIs(_SERIALIZERS["pickle"], pickle)

    def test_a_name_that_a_module_lacks_is_an_attribute_error(self) -> None:
        """Packages ask with getattr() and hasattr() which of two versions they run on."""
        import airflow.operators.python
        import airflow.providers.common.sql.operators.sql as sql_operators

        for module in (airflow.operators.python, sql_operators):
            self.assertFalse(hasattr(module, "Nonsense"))

    def test_a_class_beside_an_operator_may_take_arguments(self) -> None:
        class Settings:
            def __init__(self, region: str) -> None:
                self.region = region

        class RegionOperator(BaseOperator, Settings):
            def __init__(self, region: str, **kwargs: Any) -> None:
                BaseOperator.__init__(self, **kwargs)
                Settings.__init__(self, region)

        class RegionHook(BaseHook, Settings):
            pass

        self.assertEqual(RegionOperator(task_id="t", region="north").region, "north")
        self.assertFalse(hasattr(RegionHook(), "region"))

    def test_triggers_need_not_call_the_constructor_of_their_base_class(self) -> None:
        from airflow.triggers.base import BaseTrigger

        class Bare(BaseTrigger):
            def __init__(self) -> None:
                pass

            def serialize(self) -> tuple[str, dict[str, Any]]:
                return "acme.Bare", {}

            async def run(self) -> Any:
                yield None

        trigger = Bare()
        self.assertIn("Bare", trigger.log.name)
        self.assertIsNone(trigger.task_instance)
        self.assertIsNone(trigger.trigger_id)


class InstalledPackagesTest(FolderTest):
    def install(self, name: str, info: str, version: str = "1.2.3") -> None:
        files = {
            f"airflow/providers/{name}/get_provider_info.py": info,
            f"acme_{name}-{version}.dist-info/METADATA": "Metadata-Version: 2.1\n"
            f"Name: acme-{name}\nVersion: {version}\n",
            f"acme_{name}-{version}.dist-info/entry_points.txt": "[apache_airflow_provider]\n"
            f"provider_info = airflow.providers.{name}.get_provider_info:get_provider_info\n",
        }
        for path, text in files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(textwrap.dedent(text), encoding="utf-8")

    def run_python(self, source: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(source)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PYTHON_ROOT), str(self.folder)])},
            capture_output=True,
            text=True,
            check=False,
        )

    def test_what_a_package_announces(self) -> None:
        self.install(
            "acme",
            """
            def get_provider_info():
                return {
                    "package-name": "acme-acme",
                    "connection-types": [
                        {"connection-type": "acme", "hook-class-name": "acme.Hook"}
                    ],
                    "filesystems": ["airflow.providers.acme.stores"],
                    "notifications": ["acme.Notifier"],
                    "secrets-backends": ["acme.Backend"],
                    "config": {"acme": {"options": {}}},
                }
            """,
        )
        (self.folder / "airflow/providers/acme/stores.py").write_text(
            "schemes = ['acme']\ndef get_fs(conn_id, storage_options=None):\n"
            "    return conn_id, storage_options\n",
            encoding="utf-8",
        )
        done = self.run_python("""
            from airflow.io import get_fs, has_fs
            from airflow.providers_manager import ProvidersManager
            manager = ProvidersManager()
            print(manager.providers["acme-acme"].version, manager.hooks["acme"].package_name)
            print(manager.secrets_backend_class_names, manager.notification_class_names)
            print(manager.provider_configs)
            print(has_fs("acme"), has_fs("nonsense"), get_fs("acme", "c", {"a": 1}))
        """)
        self.assertEqual(done.stderr, "")
        expected = (
            "1.2.3 acme-acme\n['acme.Backend'] ['acme.Notifier']\n"
            "[('acme-acme', {'acme': {'options': {}}})]\nTrue False ('c', {'a': 1})\n"
        )
        self.assertEqual(done.stdout, expected)

    def test_macros_of_installed_plugins(self) -> None:
        folder = self.folder / "loud-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(
            "[airflow.plugins]\nloud = loud:Loud\nbroken = broken:Broken\n"
        )
        (self.folder / "loud.py").write_text(
            textwrap.dedent("""
                from airflow.plugins_manager import AirflowPlugin

                class Loud(AirflowPlugin):
                    name = "loud"
                    macros = [str.upper]
            """)
        )
        done = self.run_python("""
            from airflow import macros
            from airflow.plugins_manager import integrate_macros_plugins
            integrate_macros_plugins()
            print(macros.loud.upper("x"))
        """)
        self.assertEqual(done.stdout, "X\n", done.stderr)
        self.assertIn("Failed to import plugin broken of broken:Broken", done.stderr)

    def test_settings_have_the_defaults_that_a_package_announces(self) -> None:
        """A hook for Kubernetes asks for its keep-alive settings, and names no defaults."""
        self.install(
            "acme",
            """
            OPTIONS = {
                "tcp_keep_idle": {"default": "120"},
                "verify_ssl": {"default": "True"},
                "namespace": {"default": "theirs"},
                "without": {"default": None},
            }

            def get_provider_info():
                return {"config": {"kubernetes_executor": {"options": OPTIONS}}}
            """,
        )
        done = self.run_python("""
            import os
            from airflow.configuration import conf
            section = "kubernetes_executor"
            print(conf.getint(section, "TCP_KEEP_IDLE"), conf.getboolean(section, "verify_ssl"))
            print(conf.getint(section, "tcp_keep_idle", fallback=5))
            print(conf.get(section, "without", fallback="none"), conf.has_option(section, "x"))
            print(conf.get(section, "namespace"))
            os.environ["AIRFLOW__KUBERNETES_EXECUTOR__TCP_KEEP_IDLE"] = "7"
            print(conf.getint(section, "tcp_keep_idle"), conf.getsection(section)["verify_ssl"])
        """)
        self.assertEqual(done.stderr, "")
        expected = "120 True\n120\nnone False\ndefault\n7 True\n"
        self.assertEqual(done.stdout, expected)

    def test_settings_of_the_core_ask_no_package(self) -> None:
        self.install("broken", "raise RuntimeError('made for Airflow 9')")
        done = self.run_python("""
            from airflow.configuration import conf
            print(conf.get("core", "nonsense", fallback="nothing"))
        """)
        self.assertEqual((done.stdout, done.stderr), ("nothing\n", ""))

    def test_a_broken_one_is_named_and_left_out(self) -> None:
        self.install("broken", "raise RuntimeError('made for Airflow 9')")
        done = self.run_python("""
            from airflow.decorators import task
            from airflow.models import Connection
            print(hasattr(task, "nonsense"))
            print(type(Connection("c", "http").get_hook()).__name__)
        """)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "False\nHttpHook\n")
        self.assertIn("airflow.providers.broken", done.stderr)


# Part of the module's name after `airflow.providers.`, and of the package's.
OFFICIAL = """
airbyte alibaba amazon apache.beam apache.cassandra apache.drill apache.druid apache.flink
apache.hdfs apache.hive apache.iceberg apache.impala apache.kafka apache.kylin apache.livy
apache.pig apache.pinot apache.spark apache.tinkerpop apprise arangodb asana atlassian.jira celery
cloudant cncf.kubernetes cohere common.compat common.io common.messaging databricks datadog
dbt.cloud dingding discord docker edge3 elasticsearch exasol fab facebook ftp git github google
grpc hashicorp imap influxdb jdbc jenkins keycloak microsoft.azure microsoft.mssql microsoft.psrp
microsoft.winrm mongo mysql neo4j odbc openai openfaas openlineage opensearch opsgenie oracle
pagerduty papermill pgvector pinecone postgres presto qdrant redis salesforce samba segment sendgrid
sftp singularity slack snowflake ssh tableau telegram teradata trino vertica weaviate yandex ydb
zendesk
"""


# Of these Beeflow has some modules of its own.
OWN_PARTS = ("cncf.kubernetes", "common.compat", "docker")


class OfficialPackagesTest(unittest.TestCase):
    def test_a_missing_one_is_named(self) -> None:
        for name in OFFICIAL.split():
            expected = f"install apache-airflow-providers-{name.replace('.', '-')} beside"
            modules = [f"airflow.providers.{name}.hooks.some"]
            if name not in OWN_PARTS:
                modules.append(f"airflow.providers.{name}")
            for module in modules:
                with self.subTest(module), self.assertRaisesRegex(ModuleNotFoundError, expected):
                    __import__(module)


if __name__ == "__main__":
    unittest.main()
