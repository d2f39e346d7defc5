"""A row that someone changes with SQL has the effect that the command line's verb has, at once and
with the server idle before: nothing but the committed change wakes it."""

import datetime
import unittest

from engine import EngineTest


class EditsByHandTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.engine.start()

    def insert_run(self, dag_id, run_id):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
        self.engine.edit("INSERT INTO dag_run (dag_id, run_id, execution_date) VALUES (?, ?, ?)",
                         dag_id, run_id, now)

    def test_an_inserted_run_is_carried_out(self):
        task = "BashOperator(task_id='t', bash_command='echo {{ run_id }}')"
        self.engine.write_dag("plain", task)
        self.engine.wait_dag("plain")
        # Many times, since a lost wake-up shows only where the moments fall badly.
        for number in range(20):
            self.engine.settle()
            self.insert_run("plain", f"by_hand_{number}")
            self.assertEqual(self.engine.wait_run("plain", f"by_hand_{number}"), "success")
        self.assertEqual(self.engine.xcom("plain", "by_hand_7", "t"), "by_hand_7")

    def test_is_paused(self):
        self.engine.write_dag("hold", "BashOperator(task_id='t', bash_command='true')",
                              is_paused_upon_creation=True)
        self.engine.wait_dag("hold")
        self.insert_run("hold", "r1")
        self.engine.settle()
        self.assertEqual(self.engine.run_state("hold", "r1"), "queued")
        self.engine.edit("UPDATE dag SET is_paused = FALSE WHERE dag_id = 'hold'")
        self.assertEqual(self.engine.wait_run("hold", "r1"), "success")
        self.engine.edit("UPDATE dag SET is_paused = TRUE WHERE dag_id = 'hold'")
        self.insert_run("hold", "r2")
        self.engine.settle()
        self.assertEqual(self.engine.run_state("hold", "r2"), "queued")

    def test_a_backfill_is_paused_and_its_limit_raised(self):
        gate = self.engine.gate("go")
        self.engine.write_dag("fill", f"BashOperator(task_id='t', bash_command={gate!r})",
                              schedule="@daily", is_paused_upon_creation=True)
        self.engine.wait_dag("fill")
        self.engine.cli("backfill", "create", "--dag-id", "fill", "--from-date", "2021-01-01",
                        "--to-date", "2021-01-04", "--max-active-runs", "1")
        runs = [f"backfill__2021-01-0{day}T00:00:00+00:00" for day in (1, 2, 3, 4)]
        self.engine.wait_task("fill", runs[0], "t", "running")
        self.engine.edit("UPDATE backfill SET is_paused = TRUE")
        self.engine.open_gate("go")
        self.assertEqual(self.engine.wait_run("fill", runs[0]), "success")
        self.engine.settle()
        self.assertEqual(self.engine.run_state("fill", runs[1]), "queued")
        self.engine.edit("UPDATE backfill SET is_paused = FALSE, max_active_runs = 3")
        for run in runs[1:]:
            self.assertEqual(self.engine.wait_run("fill", run), "success")
        self.engine.wait(lambda: self.engine.value("SELECT completed_at FROM backfill"),
                         "the backfill to be completed")

    def test_a_running_task_that_is_set_to_success_is_ended_and_its_successors_run(self):
        gate = self.engine.gate("never")
        self.engine.write_dag("marked", f"""
            BashOperator(task_id="stuck", bash_command="{gate}") >> BashOperator(
                task_id="next", bash_command="echo went on")
        """)
        self.engine.trigger("marked", "r1")
        self.engine.wait_task("marked", "r1", "stuck", "running")
        self.engine.settle()
        self.engine.edit("UPDATE task_instance SET state = 'success' WHERE task_id = 'stuck'")
        self.assertEqual(self.engine.wait_run("marked", "r1"), "success")
        self.assertEqual(self.engine.xcom("marked", "r1", "next"), "went on")
        self.engine.wait_no_process(gate)

    def test_a_finished_task_whose_state_is_removed_runs_again(self):
        self.engine.write_dag("again", """
            BashOperator(task_id="t", bash_command=f"echo x >> {SCRATCH}/count")
        """)
        self.assertEqual(self.engine.complete("again")[0], "success")
        self.engine.settle()
        self.engine.edit("UPDATE task_instance SET state = NULL WHERE task_id = 't'")
        self.engine.edit("UPDATE dag_run SET state = 'queued' WHERE run_id = 'r1'")
        self.engine.wait(lambda: self.engine.value(
            "SELECT try_number FROM task_instance WHERE state = 'success'") == 2, "a second try")
        self.assertEqual(self.engine.wait_run("again", "r1"), "success")
        self.assertEqual((self.engine.scratch / "count").read_text(encoding="ascii"), "x\nx\n")

    def test_a_failed_task_that_is_set_to_success_lets_its_run_be_repaired(self):
        self.engine.write_dag("repair", """
            BashOperator(task_id="bad", bash_command="exit 1") >> BashOperator(
                task_id="after", bash_command="true")
        """)
        self.assertEqual(self.engine.complete("repair")[0], "failed")
        self.engine.edit("UPDATE task_instance SET state = 'success' WHERE task_id = 'bad'")
        self.engine.edit("UPDATE task_instance SET state = NULL WHERE task_id = 'after'")
        self.engine.edit("UPDATE dag_run SET state = 'running' WHERE run_id = 'r1'")
        self.assertEqual(self.engine.wait_run("repair", "r1", "success"), "success")

    def test_the_slots_of_a_pool(self):
        self.engine.edit("INSERT INTO slot_pool (pool, slots) VALUES ('tight', 0)")
        self.engine.write_dag("swim", """
            for i in range(3):
                BashOperator(task_id=f"t{i}", pool="tight", bash_command="true")
        """)
        self.engine.trigger("swim", "r1")
        self.engine.wait_task("swim", "r1", "t0", "scheduled")
        self.engine.settle()
        self.engine.edit("UPDATE slot_pool SET slots = 2 WHERE pool = 'tight'")
        self.assertEqual(self.engine.wait_run("swim", "r1"), "success")

    def test_a_deleted_run_ends_its_tasks(self):
        gate = self.engine.gate("never")
        self.engine.write_dag("gone", f"BashOperator(task_id='t', bash_command='{gate}')")
        self.engine.trigger("gone", "r1")
        pid = self.engine.wait_task("gone", "r1", "t", "running")["pid"]
        self.engine.edit("DELETE FROM dag_run WHERE run_id = 'r1'")
        self.engine.wait_gone(pid)
        self.engine.wait_no_process(gate)
        self.assertEqual(self.engine.value("SELECT count(*) FROM task_instance"), 0)

    def test_a_run_of_a_dag_that_is_not_imported_yet_is_not_forgotten(self):
        self.engine.edit("INSERT INTO dag (dag_id, fileloc, is_paused, is_active) VALUES"
                         " ('early', '/early.py', TRUE, FALSE)")
        self.engine.edit("INSERT INTO dag_run (dag_id, run_id, execution_date, queued_at) VALUES"
                         " ('early', 'r1', '2024-01-01 00:00:00.000000',"
                         " '2024-01-01 00:00:00.000000')")
        self.engine.settle()
        self.engine.edit("UPDATE dag SET is_paused = FALSE")
        self.engine.settle()
        self.engine.write_dag("early", "BashOperator(task_id='t', bash_command='true')")
        self.assertEqual(self.engine.wait_run("early", "r1"), "success")

    def test_an_edit_in_a_long_transaction_takes_effect_when_it_is_committed(self):
        self.engine.write_dag("late", "BashOperator(task_id='t', bash_command='true')",
                              is_paused_upon_creation=True)
        self.engine.trigger("late", "r1")
        self.engine.settle()
        connection = self.engine.open_transaction(
            "UPDATE dag SET is_paused = FALSE WHERE dag_id = 'late'")
        self.assertEqual(self.engine.run_state("late", "r1"), "queued")
        self.engine.metadata.execute(connection, "COMMIT")
        connection.close()
        self.assertEqual(self.engine.wait_run("late", "r1"), "success")


if __name__ == "__main__":
    unittest.main()
