"""What is asked of a DAG as a whole: callbacks, custom timetables, requests while it is parsed."""

from __future__ import annotations

import unittest

from harness import ZygoteTest, make_attempt

SOURCE = """
import logging
from datetime import timedelta
from airflow import DAG
from airflow.models import Variable
from airflow.operators.empty import EmptyOperator
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable

class EveryTwoDays(Timetable):
    def infer_manual_data_interval(self, *, run_after):
        return DataInterval(run_after - timedelta(days=2), run_after)
    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        if last_automated_data_interval is None:
            start = restriction.earliest
        else:
            start = last_automated_data_interval.end
        if restriction.latest is not None and start > restriction.latest:
            return None
        return DagRunInfo.interval(start, start + timedelta(days=2))

def tell(context):
    states = {ti.task_id: ti.state for ti in context["dag_run"].get_task_instances()}
    assert (context["reason"], context["run_id"], states["a"]) == ("task_failure", "r", "failed")
    assert context["ti"].task_id == "a" and context["dag_run"].state == "failed"
    print("told of", context["run_id"])

def break_down(context):
    logging.getLogger("alerts").warning("about to break")
    raise ValueError("callback broke")

with DAG("d", schedule=EveryTwoDays(), on_failure_callback=tell,
         on_success_callback=[break_down]) as dag:
    EmptyOperator(task_id="a") >> EmptyOperator(task_id="b")
"""


class RequestTest(ZygoteTest):
    def setUp(self) -> None:
        super().setUp()
        self.file = self.write(SOURCE)
        self.peer = self.fork().peer

    def call(self, kind: str) -> dict:
        fields = make_attempt(self.file, "")
        del fields["task_id"]
        fields |= {
            "run_id": "r",
            "kind": kind,
            "reason": "task_failure",
            "state": "failed",
            "tasks": [
                {"task_id": "b", "map_index": -1, "state": "upstream_failed", "try_number": 0},
                {"task_id": "a", "map_index": -1, "state": "failed", "try_number": 1},
            ],
        }
        self.peer.send({"op": "dag_callback", "callback": fields})
        return self.peer.expect("called_back")

    def test_callback_of_the_dag(self) -> None:
        answer = {"op": "called_back", "error": None, "output": "told of r\n"}
        self.assertEqual(self.call("failure"), answer)

    def test_callback_that_fails(self) -> None:
        self.assertRegex(
            self.call("success")["error"],
            r"(?s)WARNING - about to break\nTraceback.*ValueError: callback broke",
        )
        self.assertIsNone(self.call("failure")["error"])  # the environment serves on

    def ask(self, **fields) -> dict:
        self.peer.send(
            {"op": "next_run", "file": self.file, "version": "v1", "dag_id": "d", "catchup": True}
            | {"last": None, "earliest": "2024-01-01T00:00:00+00:00", "latest": None}
            | fields
        )
        return self.peer.expect("next_run")

    def test_next_run(self) -> None:
        answer = self.ask()
        self.assertIsNone(answer["error"])
        self.assertEqual(
            answer["info"],
            {
                "start": "2024-01-01T00:00:00+00:00",
                "end": "2024-01-03T00:00:00+00:00",
                "run_after": "2024-01-03T00:00:00+00:00",
            },
        )
        last = {"start": "2024-01-01T00:00:00+00:00", "end": "2024-01-03T00:00:00+00:00"}
        self.assertEqual(self.ask(last=last)["info"]["start"], "2024-01-03T00:00:00+00:00")
        self.assertIsNone(self.ask(last=last, latest="2024-01-02T00:00:00+00:00")["info"])

    def test_timetable_that_fails(self) -> None:
        answer = self.ask(earliest=None)
        self.assertIsNone(answer["info"])
        self.assertIn("TypeError", answer["error"])

    def test_manual_interval(self) -> None:
        self.peer.send(
            {
                "op": "manual_interval",
                "file": self.file,
                "version": "v1",
                "dag_id": "d",
                "run_after": "2024-01-03T00:00:00+00:00",
            }
        )
        self.assertEqual(
            self.peer.expect("manual_interval"),
            {
                "op": "manual_interval",
                "start": "2024-01-01T00:00:00+00:00",
                "end": "2024-01-03T00:00:00+00:00",
                "error": None,
            },
        )

    def test_dag_that_is_gone(self) -> None:
        self.assertIn("no longer defines DAG 'x'", self.ask(dag_id="x")["error"])

    def test_serialized_schedule_and_callbacks(self) -> None:
        self.peer.send({"op": "parse", "file": self.file, "timeout": 30})
        dag = self.peer.expect("parsed")["dags"][0]
        self.assertEqual(dag["schedule"]["kind"], "custom")
        self.assertEqual(dag["callbacks"], ["success", "failure"])

    def test_variable_while_parsing(self) -> None:
        file = self.write(
            "from airflow import DAG\nfrom airflow.models import Variable\n"
            "dag = DAG(Variable.get('name'), schedule=None)\n",
            "with_variable.py",
        )
        self.peer.send({"op": "parse", "file": file, "timeout": 30})
        request = self.peer.expect("request")
        self.assertEqual((request["method"], request["params"]["key"]), ("variable_get", "name"))
        self.peer.send({"op": "response", "id": request["id"], "result": "from_variable"})
        parsed = self.peer.expect("parsed")
        self.assertEqual([dag["dag_id"] for dag in parsed["dags"]], ["from_variable"])
        self.assertEqual(parsed["warnings"], [])


if __name__ == "__main__":
    unittest.main()
