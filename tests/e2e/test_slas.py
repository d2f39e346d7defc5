"""SLAs, as the real server checks them: rows of sla_miss, and the callback of the DAG."""

import unittest

from engine import EngineTest, wait_for


class SlaTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.noted = self.engine.scratch / "noted"
        self.blocked = self.engine.gate("gate")

    def misses(self):
        return [tuple(row.values()) for row in self.engine.rows(
            "SELECT dag_id, task_id, execution_date, notification_sent, email_sent FROM sla_miss")]

    def test_a_task_that_is_late_is_noted_and_told_of_once(self):
        self.engine.write("watched.py", f"""
            from datetime import datetime, timedelta, timezone
            from airflow import DAG
            from airflow.operators.bash import BashOperator

            def note(dag, task_list, blocking_task_list, slas, blocking_tis):
                states = [(ti.task_id, ti.state) for ti in blocking_tis]
                with open({str(self.noted)!r}, "a") as file:
                    print(dag.dag_id, [sla.task_id for sla in slas], task_list, states, file=file)

            midnight = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
            with DAG("watched", schedule=timedelta(days=2), start_date=midnight - timedelta(days=2),
                     end_date=midnight - timedelta(days=1), sla_miss_callback=note,
                     is_paused_upon_creation=False):
                slow = BashOperator(task_id="slow", bash_command={self.blocked!r}, sla=timedelta(0))
                slow >> BashOperator(task_id="after", bash_command="true", sla=timedelta(days=9))
        """)
        self.engine.start()
        wait_for(self.noted.exists, "the callback", self.engine)
        self.engine.wait(lambda: any(row[3] for row in self.misses()), "the note of the call")
        (dag_id, task_id, date, told, mailed), = self.misses()
        self.assertEqual((dag_id, task_id, told, mailed), ("watched", "slow", 1, 0))
        run_id = self.engine.value("SELECT run_id FROM dag_run WHERE dag_id = 'watched'")
        self.assertEqual(
            date, self.engine.value("SELECT execution_date FROM dag_run WHERE dag_id = 'watched'"))
        # A server that starts anew knows that it was told of, and a late success changes nothing.
        self.engine.kill()
        self.engine.start()
        self.engine.open_gate("gate")
        self.engine.wait_run("watched", run_id, "success")
        self.assertEqual(len(self.misses()), 1)
        line, = self.noted.read_text(encoding="utf-8").splitlines()
        self.assertTrue(line.startswith("watched ['slow'] slow on "), line)
        self.assertIn("'after'", line)


if __name__ == "__main__":
    unittest.main()
