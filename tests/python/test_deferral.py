"""Deferral, reschedule and resumption; XCom values other than plain JSON; failed rendering."""

from __future__ import annotations

import datetime as dt
import unittest
from unittest import mock

from harness import ZygoteTest, make_attempt

from airflow import _json

SOURCE = """
from datetime import datetime, timedelta, timezone
from airflow import DAG, Dataset
from airflow.exceptions import *
from airflow.models import BaseOperator
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.triggers.temporal import TimeDeltaTrigger

class Waiting(BaseOperator):
    def execute(self, context):
        context["ti"].xcom_push("seen", 1)
        self.defer(trigger=TimeDeltaTrigger(timedelta(hours=1)), method_name="go_on",
                   kwargs={"since": datetime(2024, 1, 1, tzinfo=timezone.utc)},
                   timeout=timedelta(minutes=5))
    def go_on(self, context, event=None, since=None):
        return [event, since.year, context["ti"].start_date.year]

class NoTrigger(BaseOperator):
    def execute(self, context):
        self.defer(trigger=object(), method_name="x")

class Coming(BaseOperator):
    def execute(self, context):
        if context["ti"].reschedules < 2:
            raise AirflowRescheduleException(datetime(2024, 1, 1, 12, tzinfo=timezone.utc))
        return context["ti"].start_date.isoformat()

with DAG("d", schedule=None):
    Waiting(task_id="waiting", on_success_callback=lambda c: print("called back"))
    NoTrigger(task_id="no_trigger")
    Coming(task_id="coming")
    BashOperator(task_id="bad", bash_command="{{ 1 / 0 }}")
    PythonOperator(task_id="values", python_callable=lambda: {
        "t": (1, 2), "d": datetime(2024, 1, 1, tzinfo=timezone.utc), "s": {1}, "n": float("nan")})
    PythonOperator(task_id="reader", python_callable=lambda ti: repr(ti.xcom_pull("values")))
    PythonOperator(task_id="producer", python_callable=lambda outlet_events:
                   outlet_events["s3://b/x"].extra.update(n=1), outlets=[Dataset("s3://b/x")])
"""


class DeferralTest(ZygoteTest):
    def run_task(self, task_id: str, answers=None, **fields):
        file = self.write(SOURCE)
        return self.run_attempt(self.fork(), make_attempt(file, task_id, **fields), answers)

    def test_deferral(self) -> None:
        finished, log = self.run_task("waiting")
        self.assertEqual(finished["state"], "deferred", log)
        self.assertTrue(finished["trigger"]["classpath"].startswith("airflow.triggers.temporal."))
        self.assertEqual((finished["timeout"], finished["next_method"]), (300, "go_on"))
        self.assertEqual(finished["next_kwargs"]["since"]["__type"], "datetime")
        self.assertEqual(finished["xcoms"], {"seen": 1})
        self.assertNotIn("called back", log)

    def test_deferral_ends_with_the_execution_timeout(self) -> None:
        finished, _ = self.run_task("waiting", execution_timeout=60)
        self.assertEqual(finished["timeout"], 60)

    def test_resumption(self) -> None:
        moment = _json.encode(dt.datetime(2023, 1, 1, tzinfo=dt.timezone.utc))
        finished, log = self.run_task(
            "waiting",
            next_method="go_on",
            next_kwargs={"since": moment, "event": {"a": 1}},
            start_date="2020-01-01T00:00:00+00:00",
        )
        self.assertEqual(finished["xcoms"]["return_value"], [{"a": 1}, 2023, 2020])
        self.assertIn("called back", log)

    def test_failed_trigger(self) -> None:
        for text, kind in (
            ("no such host", "TaskDeferralError"),
            ("Trigger timeout", "TaskDeferralTimeout"),
        ):
            finished, _ = self.run_task("waiting", next_method="go_on", next_kwargs={"error": text})
            self.assertEqual(finished["state"], "failed")
            self.assertEqual(finished["reason"], f"{kind}: {text}")

    def test_what_is_no_trigger(self) -> None:
        finished, _ = self.run_task("no_trigger")
        self.assertEqual(finished["state"], "failed")
        self.assertIn("no trigger that can be serialized", finished["reason"])

    def test_reschedule(self) -> None:
        finished, _ = self.run_task("coming")
        self.assertEqual(finished["state"], "rescheduled")
        self.assertEqual(finished["reschedule_date"], "2024-01-01T12:00:00+00:00")
        start = "2024-01-01T11:00:00+00:00"
        finished, _ = self.run_task("coming", start_date=start, reschedules=2)
        self.assertEqual(finished["xcoms"]["return_value"], start)

    def test_rendering_that_fails_hands_over_its_traceback(self) -> None:
        environment = self.fork()
        attempt = make_attempt(self.write(SOURCE), "bad")
        environment.peer.send({"op": "render", "attempt": attempt})
        finished = environment.peer.expect("finished")
        self.assertEqual(finished["state"], "failed")
        self.assertIn("ZeroDivisionError", finished["traceback"])

    def test_values_that_json_lacks(self) -> None:
        finished, log = self.run_task("values")
        stored = finished["xcoms"]["return_value"]
        self.assertEqual(stored["t"], {"__type": "tuple", "__var": [1, 2]}, log)
        finished, _ = self.run_task("reader", answers={"values": stored})
        text = finished["xcoms"]["return_value"]
        self.assertIn("'t': (1, 2)", text)
        self.assertIn("'s': {1}", text)
        self.assertIn("'n': nan", text)

    def test_dataset_events(self) -> None:
        finished, log = self.run_task("producer")
        self.assertEqual(
            finished.get("dataset_events"),
            [{"uri": "s3://b/x", "extra": {"n": 1}, "alias": None}],
            log,
        )


class AlertTest(unittest.TestCase):
    def test_recipients_are_told_of_a_failure(self) -> None:
        from beeflow_worker.alerts import send_alert

        ti = mock.Mock(try_number=1, max_tries=0, log_url="http://log", hostname="h")
        ti.task.email = "a@b.c"
        with mock.patch("airflow.utils.email.send_email") as send:
            send_alert(ti, {"exception": ValueError("<why>")}, False)
            send.assert_not_called()
            send_alert(ti, {"exception": ValueError("<why>")}, True)
            self.assertIn("&lt;why&gt;", send.call_args[0][2])
            send.side_effect = OSError("no server")
            with self.assertLogs("airflow.task", "ERROR"):
                send_alert(ti, None, True)


class ResultTest(unittest.TestCase):
    def test_generator_stands_for_what_it_returns(self) -> None:
        from beeflow_worker.results import consume_results

        def generate():
            yield 1
            return 2

        with self.assertLogs("airflow.task", "WARNING"):
            self.assertEqual(consume_results(None, {}, generate()), 2)
        self.assertEqual(consume_results(None, {}, [1]), [1])


class EncodingTest(unittest.TestCase):
    def test_round_trip(self) -> None:
        for value in (
            None,
            [1, "a", 2.5, True],
            {"a": {"b": (1, {2, 3})}},
            dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc),
            dt.datetime(2024, 1, 1),
            dt.date(2024, 1, 1),
            dt.timedelta(days=1, microseconds=5),
            frozenset({1}),
            {"__type": "tuple", "__var": [1]},
        ):
            with self.subTest(value):
                self.assertEqual(_json.decode(_json.encode(value)), value)

    def test_keys_that_are_not_text_become_text(self) -> None:
        self.assertEqual(_json.encode({1: 2, (1, 2): 3}), {"1": 2, "(1, 2)": 3})

    def test_objects_are_refused(self) -> None:
        with self.assertRaisesRegex(TypeError, "type object is not JSON"):
            _json.encode([object()])


if __name__ == "__main__":
    unittest.main()
