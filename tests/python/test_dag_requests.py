"""What is asked of a DAG as a whole: callbacks, custom timetables, requests while it is parsed."""

from __future__ import annotations

import unittest
from unittest import mock

from harness import FolderTest, ZygoteTest, make_attempt

from beeflow_worker.dag_requests import call_dag_back
from beeflow_worker.importing import import_dag_file

SOURCE = """
import logging
from datetime import datetime, timedelta
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

def note_misses(dag, task_list, blocking_task_list, slas, blocking_tis):
    misses = [(sla.task_id, sla.execution_date.isoformat()) for sla in slas]
    states = [(ti.task_id, ti.state) for ti in blocking_tis]
    with open(__file__ + ".note", "a") as file:
        print(dag.dag_id, task_list, blocking_task_list, misses, states, sep="; ", file=file)

def break_slas(*args):
    raise ValueError("SLA callback broke")

def watched(dag_id, callbacks):
    with DAG(dag_id, schedule="@daily", start_date=datetime(2024, 1, 1),
             sla_miss_callback=callbacks):
        EmptyOperator(task_id="a") >> EmptyOperator(task_id="b", sla=timedelta(hours=1))

watched("one", note_misses)
watched("two", [break_slas, note_misses])
watched("broken", break_slas)
with DAG("mailed", schedule="@daily", start_date=datetime(2024, 1, 1)):
    EmptyOperator(task_id="a", email="a@example.com, b@example.com")
    EmptyOperator(task_id="b", sla=timedelta(hours=1), email=["c@example.com"])
"""


def make_sla_miss(file: str, dag_id: str) -> dict:
    fields = make_attempt(file, "")
    del fields["task_id"]
    return fields | {
        "dag_id": dag_id,
        "run_id": "r",
        "logical_date": "2024-01-01T00:00:00+00:00",
        "kind": "sla_miss",
        "reason": "sla_miss",
        "state": "running",
        "late": ["b"],
        "timestamp": "2024-01-02T01:00:00+00:00",
        "tasks": [
            {"task_id": "a", "map_index": -1, "state": "success", "try_number": 1},
            {"task_id": "b", "map_index": -1, "state": None, "try_number": 0},
        ],
    }


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

    def miss_sla(self, dag_id: str) -> dict:
        self.peer.send({"op": "dag_callback", "callback": make_sla_miss(self.file, dag_id)})
        return self.peer.expect("called_back")

    def test_sla_miss_callback(self) -> None:
        told = {"error": None, "email_sent": False, "notification_sent": True}
        for dag_id in ("one", "two"):  # a callback that fails stops no other
            self.assertLessEqual(told.items(), self.miss_sla(dag_id).items())
        row = "b on 2024-01-01T00:00:00+00:00"
        misses = "[('b', '2024-01-01T00:00:00+00:00')]; [('b', None)]"
        with open(self.file + ".note", encoding="utf-8") as file:
            self.assertEqual(
                file.read().splitlines(),
                [f"{dag_id}; {row}; {row}; {misses}" for dag_id in ("one", "two")],
            )

    def test_sla_miss_callback_that_fails(self) -> None:
        self.assertIn("ValueError: SLA callback broke", self.miss_sla("broken")["error"])

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

    def test_serialized_slas(self) -> None:
        self.peer.send({"op": "parse", "file": self.file, "timeout": 30})
        dags = {dag["dag_id"]: dag for dag in self.peer.expect("parsed")["dags"]}
        self.assertEqual(dags["one"]["callbacks"], ["sla_miss"])
        self.assertEqual(dags["mailed"]["callbacks"], ["sla_miss"])
        self.assertEqual([task.get("sla") for task in dags["one"]["tasks"]], [None, 3600])

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


class SlaMailTest(FolderTest):
    """The e-mail that tells of missed SLAs goes to everyone whom a task of the DAG names."""

    def setUp(self) -> None:
        super().setUp()
        self.file = self.write(SOURCE)
        self.dag = import_dag_file(self.file).dags["mailed"]

    def test_mail(self) -> None:
        with mock.patch("airflow.utils.email.send_email") as send:
            told = call_dag_back(self.dag, make_sla_miss(self.file, "mailed"))
        self.assertEqual(told, {"email_sent": True, "notification_sent": True})
        recipients, subject, body = send.call_args.args
        self.assertEqual(recipients, ["a@example.com", "b@example.com", "c@example.com"])
        self.assertEqual(subject, "[airflow] SLA miss on DAG=mailed")
        self.assertIn("b on 2024-01-01T00:00:00+00:00", body)

    def test_mail_that_cannot_be_sent(self) -> None:
        with mock.patch("airflow.utils.email.send_email", side_effect=OSError("no server")):
            with self.assertLogs("airflow.processor") as logs:
                told = call_dag_back(self.dag, make_sla_miss(self.file, "mailed"))
        self.assertEqual(told, {"email_sent": False, "notification_sent": False})
        self.assertIn("DAG mailed: cannot send the e-mail on missed SLAs", logs.output[0])


if __name__ == "__main__":
    unittest.main()
