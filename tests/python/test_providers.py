"""Names of modules: the standard provider, former paths, installed and missing providers."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import unittest
import warnings
from importlib import import_module, util
from pathlib import Path

from harness import PYTHON_ROOT, FolderTest

STANDARD = {
    "airflow.providers.standard.operators.bash": "BashOperator",
    "airflow.providers.standard.operators.branch": "BaseBranchOperator",
    "airflow.providers.standard.operators.datetime": "BranchDateTimeOperator",
    "airflow.providers.standard.operators.empty": "EmptyOperator",
    "airflow.providers.standard.operators.latest_only": "LatestOnlyOperator",
    "airflow.providers.standard.operators.python": "PythonOperator PythonVirtualenvOperator "
    "ExternalPythonOperator BranchPythonOperator ShortCircuitOperator get_current_context "
    "BranchExternalPythonOperator BranchPythonVirtualenvOperator",
    "airflow.providers.standard.operators.smooth": "SmoothOperator",
    "airflow.providers.standard.operators.trigger_dagrun": "TriggerDagRunOperator",
    "airflow.providers.standard.operators.weekday": "BranchDayOfWeekOperator",
    "airflow.providers.standard.sensors.bash": "BashSensor",
    "airflow.providers.standard.sensors.date_time": "DateTimeSensor DateTimeSensorAsync",
    "airflow.providers.standard.sensors.external_task": "ExternalTaskSensor ExternalTaskMarker",
    "airflow.providers.standard.sensors.filesystem": "FileSensor",
    "airflow.providers.standard.sensors.python": "PythonSensor",
    "airflow.providers.standard.sensors.time": "TimeSensor TimeSensorAsync",
    "airflow.providers.standard.sensors.time_delta": "TimeDeltaSensor TimeDeltaSensorAsync",
    "airflow.providers.standard.sensors.weekday": "DayOfWeekSensor",
    "airflow.providers.standard.triggers.external_task": "WorkflowTrigger DagStateTrigger",
    "airflow.providers.standard.triggers.file": "FileTrigger FileDeleteTrigger",
    "airflow.providers.standard.triggers.temporal": "DateTimeTrigger TimeDeltaTrigger",
    "airflow.providers.standard.hooks.filesystem": "FSHook",
    "airflow.providers.standard.hooks.package_index": "PackageIndexHook",
    "airflow.providers.standard.hooks.subprocess": "SubprocessHook",
    "airflow.providers.standard.utils.weekday": "WeekDay",
    "airflow.providers.common.sql.hooks.handlers": "fetch_all_handler fetch_one_handler",
    "airflow.providers.common.sql.operators.generic_transfer": "GenericTransfer",
    "airflow.triggers.testing": "SuccessTrigger FailureTrigger",
    "airflow.lineage.backend": "LineageBackend",
}

FORMER = {
    "airflow.operators": "BashOperator PythonOperator DummyOperator TriggerDagRunOperator",
    "airflow.operators.bash_operator": "BashOperator",
    "airflow.operators.branch_operator": "BaseBranchOperator",
    "airflow.operators.check_operator": "CheckOperator ValueCheckOperator IntervalCheckOperator",
    "airflow.operators.dagrun_operator": "TriggerDagRunOperator",
    "airflow.operators.dummy": "DummyOperator",
    "airflow.operators.dummy_operator": "DummyOperator",
    "airflow.operators.email": "EmailOperator",
    "airflow.operators.email_operator": "EmailOperator",
    "airflow.operators.generic_transfer": "GenericTransfer",
    "airflow.operators.http_operator": "SimpleHttpOperator",
    "airflow.operators.latest_only_operator": "LatestOnlyOperator",
    "airflow.operators.python_operator": "PythonOperator BranchPythonOperator "
    "ShortCircuitOperator PythonVirtualenvOperator",
    "airflow.operators.sensors": "ExternalTaskSensor HttpSensor SqlSensor TimeDeltaSensor",
    "airflow.operators.sql": "SQLCheckOperator BranchSQLOperator SQLTableCheckOperator",
    "airflow.operators.sqlite_operator": "SqliteOperator",
    "airflow.operators.subdag": "SubDagOperator",
    "airflow.operators.subdag_operator": "SubDagOperator",
    "airflow.sensors.base_sensor_operator": "BaseSensorOperator",
    "airflow.sensors.date_time_sensor": "DateTimeSensor",
    "airflow.sensors.external_task_sensor": "ExternalTaskSensor ExternalTaskMarker",
    "airflow.sensors.http_sensor": "HttpSensor",
    "airflow.sensors.sql": "SqlSensor",
    "airflow.sensors.sql_sensor": "SqlSensor",
    "airflow.sensors.time_delta_sensor": "TimeDeltaSensor",
    "airflow.sensors.weekday_sensor": "DayOfWeekSensor",
    "airflow.hooks.base_hook": "BaseHook",
    "airflow.hooks.dbapi": "DbApiHook",
    "airflow.hooks.dbapi_hook": "DbApiHook",
    "airflow.hooks.http_hook": "HttpHook",
    "airflow.hooks.sqlite_hook": "SqliteHook",
    "airflow.contrib.hooks.fs_hook": "FSHook",
    "airflow.contrib.sensors.file_sensor": "FileSensor",
    "airflow.contrib.sensors.python_sensor": "PythonSensor",
    "airflow.contrib.sensors.weekday_sensor": "DayOfWeekSensor",
}

PACKAGES = {
    "airflow.providers.amazon.aws.hooks.s3": "amazon",
    "airflow.providers.apache.spark.operators.spark_submit": "apache-spark",
    "airflow.providers.cncf.kubernetes.sensors.spark_kubernetes": "cncf-kubernetes",
    "airflow.providers.common.nonsense": "common-nonsense",
    "airflow.providers.google.cloud.operators.bigquery": "google",
    "airflow.providers.microsoft.azure.hooks.wasb": "microsoft-azure",
    "airflow.providers.http.nonsense": "http",
    "airflow.providers.common.sql.nonsense": "common-sql",
}


def load(module: str, names: str) -> list[object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = import_module(module)
        return [getattr(found, name) for name in names.split()]


class NameTest(unittest.TestCase):
    def test_names_of_the_standard_provider(self) -> None:
        for module, names in STANDARD.items():
            with self.subTest(module):
                load(module, names)

    def test_former_names(self) -> None:
        for module, names in FORMER.items():
            with self.subTest(module):
                load(module, names)

    def test_names_stand_for_the_same_class(self) -> None:
        from airflow.operators.bash import BashOperator

        for module in ("airflow.providers.standard.operators.bash", "airflow.operators"):
            self.assertEqual(load(module, "BashOperator"), [BashOperator])

    def test_star_imports(self) -> None:
        names: dict[str, object] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec("from airflow.operators.python_operator import *", names)
        self.assertIn("PythonOperator", names)

    def test_former_modules_warn_at_the_line_of_the_user(self) -> None:
        sys.modules.pop("airflow.sensors.base_sensor_operator", None)
        with self.assertWarnsRegex(DeprecationWarning, "use `airflow.sensors.base`") as caught:
            import airflow.sensors.base_sensor_operator  # noqa: F401
        self.assertEqual(caught.filename, __file__)

    def test_a_name_that_is_nowhere(self) -> None:
        with self.assertRaises(ImportError):
            from airflow.providers.standard.operators.bash import Nonsense  # noqa: F401
        with self.assertRaises(ModuleNotFoundError):
            import_module("airflow.operators.nonsense")


class MissingPackageTest(FolderTest):
    def test_the_package_is_named(self) -> None:
        for module, package in PACKAGES.items():
            with self.subTest(module):
                expected = f"install apache-airflow-providers-{package} beside Beeflow"
                with self.assertRaisesRegex(ModuleNotFoundError, expected):
                    import_module(module)

    def test_so_it_is_for_former_names(self) -> None:
        for module, name, package in (
            ("airflow.operators.mysql_operator", "MySqlOperator", "mysql"),
            ("airflow.operators.postgres_operator", "PostgresOperator", "postgres"),
            ("airflow.contrib.operators.ssh_operator", "SSHOperator", "ssh"),
            ("airflow.hooks.S3_hook", "S3Hook", "amazon"),
        ):
            with self.subTest(module):
                with self.assertRaisesRegex(ImportError, f"apache-airflow-providers-{package}"):
                    load(module, name)
        with self.assertRaisesRegex(ModuleNotFoundError, "airflow.contrib"):
            import_module("airflow.contrib.operators.nonsense")

    def test_so_it_is_for_names_that_our_part_of_a_package_lacks(self) -> None:
        for module, package in (
            ("airflow.providers.http.hooks.http", "http"),
            ("airflow.providers.common.sql.operators.sql", "common-sql"),
        ):
            result = self.parse(f"from {module} import Nonsense")
            self.assertIn("cannot import name 'Nonsense'", result["error"]["message"])
            expected = f"; install apache-airflow-providers-{package} beside Beeflow"
            self.assertTrue(result["error"]["message"].endswith(expected), result["error"])
        for module in ("airflow.models", "airflow.providers.standard.operators.bash"):
            result = self.parse(f"from {module} import Nonsense")
            self.assertNotIn("install", result["error"]["message"])

    def test_optional_imports_still_work(self) -> None:
        try:
            from airflow.providers.slack.hooks.slack import SlackHook
        except ImportError:
            SlackHook = None
        self.assertIsNone(SlackHook)
        self.assertIsNone(util.find_spec("airflow.providers.slack"))
        self.assertIsNone(util.find_spec("nonsense_that_is_not_installed"))


class InstalledProviderTest(FolderTest):
    def install(self, files: dict[str, str]) -> None:
        for name, source in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(source), encoding="utf-8")

    def run_python(self, source: str) -> str:
        paths = os.pathsep.join([str(PYTHON_ROOT), str(self.folder)])
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(source)],
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.stderr, "")
        return done.stdout.strip()

    def test_a_provider_beside_beeflow_is_found(self) -> None:
        self.install({"airflow/providers/acme/hooks/acme.py": "class AcmeHook: pass"})
        source = """
            from airflow.providers.acme.hooks.acme import AcmeHook
            from airflow.providers.http.hooks.http import HttpHook
            from airflow.providers.standard.operators.bash import BashOperator
            print(AcmeHook.__name__)
        """
        self.assertEqual(self.run_python(source), "AcmeHook")

    def test_it_comes_before_our_own_one(self) -> None:
        extend = '__path__ = __import__("pkgutil").extend_path(__path__, __name__)'
        self.install(
            {
                "airflow/providers/__init__.py": extend,
                "airflow/providers/http/__init__.py": "",
                "airflow/providers/http/hooks/__init__.py": "",
                "airflow/providers/http/hooks/http.py": "class HttpHook: theirs = True",
                "airflow/providers/common/__init__.py": extend,
                "airflow/providers/common/compat/__init__.py": "theirs = True",
                "airflow/providers/standard/operators/bash.py": "raise ImportError('theirs')",
            }
        )
        source = """
            from airflow.providers.http.hooks.http import HttpHook
            from airflow.providers.common.compat import theirs
            from airflow.providers.common.sql.hooks.sql import DbApiHook
            from airflow.providers.standard.operators.bash import BashOperator
            from airflow.operators.bash import BashOperator as core
            print(HttpHook.theirs, theirs, BashOperator is core)
            try:
                import airflow.providers.http.nonsense
            except ImportError as error:
                print("install" in str(error))
        """
        self.assertEqual(self.run_python(source), "True True True\nFalse")

    def test_importing_airflow_stays_cheap(self) -> None:
        source = """
            import sys
            import airflow
            from airflow import DAG
            from airflow.operators.bash import BashOperator
            from airflow.operators.python import PythonOperator
            from airflow.sensors.filesystem import FileSensor
            from airflow.sensors.external_task import ExternalTaskSensor
            from airflow.operators.email import EmailOperator
            from airflow.providers.http.operators.http import HttpOperator
            from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
            heavy = {"asyncio", "smtplib", "jsonschema", "http.client", "sqlite3", "venv"}
            print(sorted(heavy & sys.modules.keys()))
        """
        self.assertEqual(self.run_python(source), "[]")


if __name__ == "__main__":
    unittest.main()
