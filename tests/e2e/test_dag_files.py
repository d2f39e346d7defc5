"""DAG files come, change, break, move and go while the server runs, and while it does not."""

import unittest
import zipfile

from engine import EngineTest

ONE_TASK = "BashOperator(task_id='t', bash_command='echo {}')"
PACKAGED = """
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from words import WORD

with DAG("packaged", schedule=None):
    BashOperator(task_id="bash", bash_command=f"echo {WORD}")
    PythonOperator(task_id="python", python_callable=lambda: WORD)
"""


class DagFilesTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.engine.start()

    def parsed_times(self):
        return {row["dag_id"]: row["last_parsed_time"]
                for row in self.engine.rows("SELECT dag_id, last_parsed_time FROM dag")}

    def wait_value(self, expected, sql, *parameters):
        self.engine.wait(lambda: self.engine.value(sql, *parameters) == expected,
                         f"{sql} {parameters} to give {expected!r}")

    def break_file(self):
        """A DAG whose file is then replaced by one with a name error in line 7."""
        path = self.engine.write_dag("fragile", ONE_TASK.format("good"))
        self.engine.wait_dag("fragile")
        self.engine.write("fragile.py", "\n" * 6 + "no_such_name + 1  # DAG of airflow\n")
        self.engine.wait(lambda: self.engine.rows("SELECT * FROM import_error"), "the error")
        return path

    def test_a_changed_file_is_imported_at_once_and_no_other_is(self):
        self.engine.write_dag("changing", ONE_TASK.format("old"))
        self.engine.write_dag("standing", ONE_TASK.format("same"))
        self.engine.wait_dag("changing")
        self.engine.wait_dag("standing")
        before = self.parsed_times()
        self.engine.write_dag("changing", ONE_TASK.format("new"))
        self.engine.wait(lambda: self.parsed_times()["changing"] > before["changing"],
                         "the file to be imported again")
        self.assertEqual(self.engine.complete("changing")[0], "success")
        self.assertEqual(self.engine.xcom("changing", "r1", "t"), "new")
        self.assertEqual(self.parsed_times()["standing"], before["standing"])
        log = self.engine.server_log.read_text(encoding="utf-8")
        self.assertEqual((log.count("changing.py in "), log.count("standing.py in ")), (2, 1))

    def test_a_broken_file_is_told_with_file_line_and_traceback_and_its_dag_stays(self):
        path = self.break_file()
        error = self.engine.rows("SELECT * FROM import_error")[0]
        self.assertEqual(error["filename"], str(path))
        self.assertIn("NameError: name 'no_such_name' is not defined", error["stacktrace"])
        self.assertIn("Traceback", error["stacktrace"])
        self.assertRegex(error["stacktrace"], rf"{path}:\d+|line \d+")
        listed = self.engine.json("dags", "list-import-errors")
        self.assertEqual(listed, [{"filepath": str(path), "error": error["stacktrace"]}])
        self.assertEqual(self.engine.rows("SELECT is_active, has_import_errors FROM dag"),
                         [{"is_active": 1, "has_import_errors": 1}])
        # A task that needs no Python runs as the last good version says.
        self.assertEqual(self.engine.complete("fragile")[0], "success")
        self.assertEqual(self.engine.xcom("fragile", "r1", "t"), "good")

    def test_a_repaired_file_clears_its_error(self):
        self.break_file()
        self.engine.write_dag("fragile", ONE_TASK.format("repaired"))
        self.wait_value(0, "SELECT count(*) FROM import_error")
        self.assertEqual(self.engine.complete("fragile")[0], "success")
        self.assertEqual(self.engine.xcom("fragile", "r1", "t"), "repaired")
        self.assertEqual(self.engine.value("SELECT has_import_errors FROM dag"), 0)

    def test_a_syntax_error_names_its_line(self):
        path = self.engine.write("syntax.py", "x = 1  # DAG of airflow\ny = (\n")
        self.engine.wait(lambda: self.engine.rows("SELECT * FROM import_error"), "the error")
        trace = self.engine.value("SELECT stacktrace FROM import_error")
        self.assertIn("SyntaxError", trace)
        self.assertIn(f"{path}:2", trace)

    def package(self, word):
        """Puts a zip file with a DAG file and a module that it imports into its place."""
        written = self.engine.root / "being-written.zip"
        with zipfile.ZipFile(written, "w") as archive:
            archive.writestr("packaged.py", PACKAGED)
            archive.writestr("words/__init__.py", f"WORD = {word!r}\n")
            archive.writestr("setup.py", "raise SystemExit('this is no DAG file')\n")
        written.rename(self.engine.dags / "packaged.zip")

    def test_dags_in_a_zip_file_run_and_follow_its_changes(self):
        self.package("old")
        self.assertEqual(self.engine.complete("packaged", "r1"),
                         ("success", {"bash": "success", "python": "success"}))
        self.assertEqual(self.engine.xcom("packaged", "r1", "python"), "old")
        self.package("new")
        self.engine.wait(lambda: "echo new" in self.engine.value(
            "SELECT data FROM serialized_dag WHERE dag_id = 'packaged' AND is_latest"),
            "the change")
        self.assertEqual(self.engine.complete("packaged", "r2")[0], "success")
        self.assertEqual(self.engine.xcom("packaged", "r2", "python"), "new")
        (self.engine.dags / "packaged.zip").unlink()
        self.wait_value(0, "SELECT is_active FROM dag")

    def test_a_file_that_is_no_zip_file_is_an_import_error(self):
        self.engine.write("broken.zip", "text")
        self.engine.wait(lambda: self.engine.rows("SELECT * FROM import_error"), "the error")
        self.assertIn("not a zip file", self.engine.value("SELECT stacktrace FROM import_error"))

    def test_a_moved_file_keeps_its_dag_and_a_deleted_one_loses_it(self):
        path = self.engine.write_dag("moving", ONE_TASK.format("here"))
        self.engine.wait_dag("moving")
        self.assertEqual(self.engine.complete("moving", "before")[0], "success")
        folder = self.engine.dags / "deep" / "er"
        folder.mkdir(parents=True)
        path.rename(folder / "renamed.py")
        self.wait_value(str(folder / "renamed.py"), "SELECT fileloc FROM dag WHERE is_active")
        self.assertEqual(self.engine.complete("moving", "after")[0], "success")
        (folder / "renamed.py").unlink()
        self.wait_value(0, "SELECT is_active FROM dag")
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 2)
        done = self.engine.run("dags", "trigger", "moving")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("is not active", done.stderr)
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 2)

    def test_changes_made_while_no_server_ran_are_found_at_the_start(self):
        self.engine.write_dag("changes", ONE_TASK.format("old"))
        self.engine.write_dag("goes", ONE_TASK.format("old"))
        self.engine.wait_dag("changes")
        self.engine.wait_dag("goes")
        self.assertEqual(self.engine.stop(), 0)
        self.engine.write_dag("changes", ONE_TASK.format("new"))
        self.engine.write_dag("comes", ONE_TASK.format("new"))
        (self.engine.dags / "goes.py").unlink()
        self.engine.start()
        self.engine.wait_dag("comes")
        self.wait_value(0, "SELECT is_active FROM dag WHERE dag_id = 'goes'")
        self.engine.wait(lambda: "echo new" in self.engine.value(
            "SELECT data FROM serialized_dag WHERE dag_id = 'changes' AND is_latest"), "the change")
        self.assertEqual(self.engine.complete("changes")[0], "success")
        self.assertEqual(self.engine.xcom("changes", "r1", "t"), "new")

    def test_a_script_among_the_dag_files_is_left_alone(self):
        """It was imported, which ran it, and its failure was an import error."""
        ran = self.engine.scratch / "ran"
        self.engine.write("script.py", f"open({str(ran)!r}, 'w')\nraise SystemExit(1)\n")
        self.engine.write_dag("beside", "EmptyOperator(task_id='t')")
        self.engine.wait_dag("beside")
        self.engine.wait_server_log("script.py in ")
        self.assertEqual(self.engine.rows("SELECT * FROM import_error"), [])
        self.assertFalse(ran.exists())

    def test_an_ignored_file_and_a_file_that_ends_the_interpreter(self):
        self.engine.write(".airflowignore", "skipped_.*\n")
        self.engine.write("skipped_one.py", "raise SystemExit('imported')\n")
        path = self.engine.write("exits.py", "import os\nos._exit(3)  # DAG of airflow\n")
        self.engine.wait(lambda: self.engine.rows("SELECT * FROM import_error"), "the error")
        self.engine.write_dag("healthy", ONE_TASK.format("fine"))
        self.assertEqual(self.engine.complete("healthy")[0], "success")
        self.assertEqual(self.engine.rows("SELECT filename FROM import_error"),
                         [{"filename": str(path)}])

    def test_a_task_of_an_edited_dag_takes_part_in_the_running_run(self):
        first = f"BashOperator(task_id='first', bash_command='{self.engine.gate('gate')}')"
        self.engine.write_dag("edited", first)
        self.engine.trigger("edited", "r1")
        self.engine.wait_task("edited", "r1", "first", "running")
        self.engine.write_dag(
            "edited", first + " >> BashOperator(task_id='second', bash_command='echo 2')")
        self.engine.wait(lambda: self.engine.task("edited", "r1", "second"), "the second task")
        self.engine.open_gate("gate")
        self.assertEqual(self.engine.wait_run("edited", "r1"), "success")
        self.assertEqual(self.engine.states("edited", "r1"),
                         {"first": "success", "second": "success"})


if __name__ == "__main__":
    unittest.main()
