"""Triggers: what they wait for, and that they can be created again from what they serialize."""

from __future__ import annotations

import datetime as dt
import pickle
import tempfile
import threading
import unittest
from pathlib import Path

from authoring import LOGICAL_DATE, AuthoringTest, first_event, frozen_time

from airflow.triggers.base import (
    BaseTrigger,
    StartTriggerArgs,
    TaskFailedEvent,
    TaskSkippedEvent,
    TaskSuccessEvent,
    TriggerEvent,
)
from airflow.triggers.external_task import DagStateTrigger, TaskStateTrigger, WorkflowTrigger
from airflow.triggers.file import FileDeleteTrigger, FileTrigger
from airflow.triggers.temporal import DateTimeTrigger, TimeDeltaTrigger
from airflow.utils.module_loading import import_string


class TriggerTest(AuthoringTest):
    def recreate(self, trigger: BaseTrigger) -> BaseTrigger:
        """Return the trigger as the trigger process creates it."""
        path, kwargs = trigger.serialize()
        again = import_string(path)(**kwargs)
        self.assertEqual(again.serialize(), trigger.serialize())
        return again


class EventTest(unittest.TestCase):
    def test_events(self) -> None:
        self.assertEqual(TriggerEvent({"a": 1}), TriggerEvent({"a": 1}))
        self.assertNotEqual(TriggerEvent(1), TriggerEvent(2))
        self.assertEqual(TaskSuccessEvent(xcoms={"a": 1}).xcoms, {"a": 1})
        states = [cls().task_instance_state for cls in (TaskFailedEvent, TaskSkippedEvent)]
        self.assertEqual(states, ["failed", "skipped"])
        with self.assertRaises(ValueError):
            TaskSuccessEvent(payload=1)

    def test_start_arguments_are_data(self) -> None:
        start = StartTriggerArgs(trigger_cls="a.B", next_method="go_on", timeout=dt.timedelta(1))
        self.assertEqual(pickle.loads(pickle.dumps(start)), start)


class TemporalTest(TriggerTest):
    def test_fires_at_the_moment(self) -> None:
        trigger = self.recreate(DateTimeTrigger(LOGICAL_DATE))
        with frozen_time(LOGICAL_DATE.add(seconds=1)):
            self.assertEqual(first_event(trigger).payload, LOGICAL_DATE)

    def test_can_end_the_task(self) -> None:
        trigger = self.recreate(DateTimeTrigger(LOGICAL_DATE, end_from_trigger=True))
        self.assertIsInstance(first_event(trigger), TaskSuccessEvent)

    def test_a_span_counts_from_now(self) -> None:
        with frozen_time(LOGICAL_DATE):
            trigger = TimeDeltaTrigger(dt.timedelta(hours=1))
        self.assertEqual(self.recreate(trigger).moment, LOGICAL_DATE.add(hours=1))

    def test_naive_moments_are_refused(self) -> None:
        with self.assertRaises(ValueError):
            DateTimeTrigger(dt.datetime(2024, 1, 1))
        with self.assertRaises(TypeError):
            DateTimeTrigger("2024-01-01")


class FileTriggerTest(TriggerTest):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "a.csv"

    def test_waits_for_the_file(self) -> None:
        trigger = self.recreate(FileTrigger(str(self.file.parent / "*.csv"), poke_interval=1))
        self.assertTrue(first_event(trigger, between=self.file.touch).payload)

    def test_deletes_the_file(self) -> None:
        trigger = self.recreate(FileDeleteTrigger(str(self.file)))
        first_event(trigger, between=self.file.touch)
        self.assertFalse(self.file.exists())


class ExternalTriggerTest(TriggerTest):
    def rows(self, state: str):
        return [{"run_id": "r", "task_id": "t", "map_index": -1, "state": state}]

    def test_waits_for_a_task_without_blocking_the_loop(self) -> None:
        threads = []

        def task_states(**params):
            threads.append(threading.current_thread())
            return self.rows("running" if len(threads) < 3 else "success")

        self.attach(task_states=task_states)
        trigger = WorkflowTrigger("other", [LOGICAL_DATE], external_task_ids=["t"])
        self.assertEqual(first_event(self.recreate(trigger)).payload, {"status": "success"})
        self.assertEqual(len(threads), 3)
        self.assertNotIn(threading.main_thread(), threads)

    def test_failed_and_skipped_states(self) -> None:
        self.attach(task_states=self.rows("failed"))
        for name, status in (("failed_states", "failed"), ("skipped_states", "skipped")):
            trigger = WorkflowTrigger(
                "other", [LOGICAL_DATE], external_task_ids=["t"], **{name: ["failed"]}
            )
            self.assertEqual(first_event(trigger).payload, {"status": status})

    def test_waits_for_runs(self) -> None:
        self.attach(run_count=lambda states, **_: int("failed" in states))
        trigger = DagStateTrigger("other", ["success", "failed"], run_ids=["r"])
        event = first_event(self.recreate(trigger))
        self.assertEqual((event.payload["run_ids"], event.payload["state"]), (["r"], "failed"))
        self.attach(run_count=1)
        former = TaskStateTrigger("other", [LOGICAL_DATE])
        self.assertEqual(first_event(former).payload, {"status": "success"})


if __name__ == "__main__":
    unittest.main()
