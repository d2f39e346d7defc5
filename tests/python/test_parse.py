"""Parsing: what a file defines, and what is said of a file that cannot be imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unittest

from harness import PYTHON_ROOT, FolderTest, ZygoteTest

DAG_LINE = "DAG('d', schedule=None)"


class CollectionTest(FolderTest):
    def parsed_ids(self, source: str) -> list[str]:
        result = self.parse("from airflow import DAG\n" + source)
        self.assertIsNone(result["error"])
        return [dag["dag_id"] for dag in result["dags"]]

    def test_dags_at_the_top_level(self) -> None:
        self.assertEqual(self.parsed_ids(f"a = {DAG_LINE}\nb = a"), ["d"])

    def test_dags_of_with_blocks_register_themselves(self) -> None:
        source = f"def make():\n    with {DAG_LINE}: pass\nmake()"
        self.assertEqual(self.parsed_ids(source), ["d"])

    def test_dag_that_nobody_keeps_is_not_found(self) -> None:
        self.assertEqual(self.parsed_ids(DAG_LINE), [])
        source = "def make():\n    with DAG('d', schedule=None, auto_register=False): pass\nmake()"
        self.assertEqual(self.parsed_ids(source), [])

    def test_same_id_twice(self) -> None:
        result = self.parse(f"from airflow import DAG\na, b = {DAG_LINE}, {DAG_LINE}")
        self.assertEqual([dag["dag_id"] for dag in result["dags"]], ["d"])
        self.assertIn("defines DAG d twice", result["warnings"][0])

    def test_module_beside_the_file(self) -> None:
        self.write("DAG_ID = 'from_beside'\n", "beside_for_test.py")
        source = "import beside_for_test\na = DAG(beside_for_test.DAG_ID, schedule=None)"
        self.assertEqual(self.parsed_ids(source), ["from_beside"])


class ErrorTest(FolderTest):
    def error_of(self, source: str, timeout: float | None = None) -> dict:
        result = self.parse(source, timeout)
        self.assertEqual(result["dags"], [])
        return result["error"]

    def test_exception_names_the_line(self) -> None:
        error = self.error_of("import os\n\nos.environ['NO_SUCH_VARIABLE']\n")
        self.assertEqual(error["message"], "KeyError: 'NO_SUCH_VARIABLE'")
        self.assertEqual(error["line"], 3)
        self.assertIn("dag_file.py", error["traceback"])
        self.assertNotIn("importlib", error["traceback"])
        self.assertNotIn("beeflow_worker", error["traceback"])

    def test_syntax_error(self) -> None:
        error = self.error_of("a = 1\nb = = 2\n")
        self.assertEqual(error["line"], 2)
        self.assertTrue(error["message"].startswith("SyntaxError"))

    def test_error_of_the_api_points_at_the_users_line(self) -> None:
        error = self.error_of("from airflow import DAG\nDAG('a b', schedule=None)\n")
        self.assertEqual(error["line"], 2)
        self.assertNotIn("helpers.py", error["traceback"])

    def test_exit_on_import(self) -> None:
        error = self.error_of("import sys\nsys.exit(3)\n")
        self.assertIn("calls sys.exit(3)", error["message"])
        self.assertEqual(error["line"], 2)

    def test_endless_import(self) -> None:
        error = self.error_of(
            "while True:\n    try: pass\n    except Exception: pass\n", timeout=0.1
        )
        self.assertIn("took longer than 0.1 s", error["message"])
        self.assertIn("dagbag_import_timeout", error["message"])

    def test_swallowed_timeout_fires_again(self) -> None:
        source = """
            for attempt in range(2):
                try:
                    while True: pass
                except BaseException:
                    if attempt: raise
        """
        self.assertIn("took longer", self.error_of(source, timeout=0.05)["message"])

    def test_cycle(self) -> None:
        error = self.error_of(
            """
            from airflow import DAG
            from airflow.operators.empty import EmptyOperator
            with DAG("d", schedule=None):
                a = EmptyOperator(task_id="a")
                a >> a
            """
        )
        self.assertIn("Cycle detected in DAG: d", error["message"])

    def test_missing_file(self) -> None:
        from beeflow_worker.environment import parse

        self.assertIn(
            "FileNotFoundError", parse(str(self.folder / "none.py"), 1)["error"]["message"]
        )

    def test_broken_file_does_not_leak_into_the_next(self) -> None:
        self.error_of("from airflow import DAG\nDAG('d', schedule=None).__enter__()\n1/0")
        result = self.parse(
            "from airflow.operators.empty import EmptyOperator\nx = EmptyOperator(task_id='a')"
        )
        self.assertEqual((result["error"], result["dags"]), (None, []))


class WarningTest(FolderTest):
    def test_deprecated_spelling_with_its_line(self) -> None:
        result = self.parse(
            "from airflow import DAG\n\nwith DAG('d', schedule_interval=None):\n    pass\n"
        )
        self.assertEqual(len(result["warnings"]), 1)
        self.assertRegex(result["warnings"][0], "^line 3: RemovedInAirflow3Warning: .*schedule_int")

    def test_variable_at_the_top_level(self) -> None:
        result = self.parse("from airflow.models import Variable\nVariable.get('a', 'default')\n")
        self.assertRegex(result["warnings"][0], "^line 2: .*Variable 'a'.*AIRFLOW_VAR_A")
        result = self.parse("from airflow.models import Variable\nVariable.get('a')\n")
        self.assertEqual(result["error"]["message"], "KeyError: 'Variable a does not exist'")

    def test_old_modules(self) -> None:
        result = self.parse(
            """
            from airflow import DAG
            from airflow.operators.bash_operator import BashOperator
            from airflow.operators.dummy_operator import DummyOperator
            from airflow.operators.python_operator import PythonOperator
            from airflow.utils.dates import days_ago
            with DAG("d", start_date=days_ago(2), schedule=None):
                DummyOperator(task_id="a") >> PythonOperator(
                    task_id="b", python_callable=print, provide_context=True)
            """
        )
        self.assertIsNone(result["error"])
        self.assertTrue(any("days_ago" in warning for warning in result["warnings"]))


class CommandTest(FolderTest):
    def run_command(self, source: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "beeflow_worker.parse", self.write(source)],
            env={**os.environ, "PYTHONPATH": str(PYTHON_ROOT)},
            capture_output=True,
            text=True,
            timeout=30,
        )

    def test_prints_json_only(self) -> None:
        done = self.run_command(
            f"""
            import os
            from airflow import DAG
            print("from Python")
            os.system("echo from a child")
            dag = {DAG_LINE}
            """
        )
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout)["dags"][0]["dag_id"], "d")
        self.assertIn("from Python", done.stderr)
        self.assertIn("from a child", done.stderr)

    def test_error_is_the_exit_status(self) -> None:
        done = self.run_command("1/0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ZeroDivisionError", json.loads(done.stdout)["error"]["message"])


class ParseFrameTest(ZygoteTest):
    def test_environment_parses_and_ends(self) -> None:
        environment = self.fork()
        file = self.write(f"from airflow import DAG\nprint('x')\ndag = {DAG_LINE}")
        environment.peer.send({"op": "parse", "file": file, "timeout": 30})
        parsed = environment.peer.expect("parsed")
        self.assertEqual(parsed["file"], file)
        self.assertEqual([dag["dag_id"] for dag in parsed["dags"]], ["d"])
        self.assertIsNone(environment.peer.receive())
        self.assertEqual(self.expect_exited(environment)["status"], 0)


if __name__ == "__main__":
    unittest.main()
