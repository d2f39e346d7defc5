"""What tests of operators share: a fake engine, and the context of a task without a worker."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import unittest
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import harness  # noqa: F401 - makes the package importable
import pendulum

from airflow import DAG, _engine
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.utils.context import Context

LOGICAL_DATE = pendulum.datetime(2024, 1, 31, 12)


class FakeEngine:
    """Answers requests from `answers`: by method, a value or a function of the parameters."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.skipped: list[str] = []

    def request(self, method: str, **params: Any) -> Any:
        self.requests.append((method, params))
        answer = self.answers.get(method)
        if isinstance(answer, list) and method in self.answers.get("in_turn", ()):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(**params) if callable(answer) else answer

    def xcom_get(self, **params: Any) -> Any:
        return self.request("xcom_get", **params)

    def variable_get(self, key: str) -> Any:
        return self.request("variable_get", key=key)

    def skip_tasks(self, task_ids: Any) -> None:
        self.skipped.extend(task_ids)


class AuthoringTest(unittest.TestCase):
    """A test with a DAG `d`, which is open while tasks are made, and a fake engine."""

    def setUp(self) -> None:
        self.dag = DAG("d", schedule=None, start_date=pendulum.datetime(2024, 1, 1))
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        stack.enter_context(self.dag)
        self.attach()

    def attach(self, **answers: Any) -> FakeEngine:
        """Attach a new engine with these answers."""
        self.engine = FakeEngine(**answers)
        before = _engine.attached()
        _engine.attach(self.engine)
        self.addCleanup(_engine.attach, before)
        return self.engine

    def context(self, task: Any, *, reschedules: int = 0, **run: Any) -> Context:
        """Return the context of an attempt at `task`."""
        fields = {
            "logical_date": LOGICAL_DATE,
            "data_interval_start": LOGICAL_DATE.subtract(days=1),
            "data_interval_end": LOGICAL_DATE,
            **run,
        }
        start = fields.pop("ti_start_date", None)
        instance = TaskInstance(
            task,
            DagRun("d", "manual__1", dag=self.dag, **fields),
            start_date=start,
            reschedules=reschedules,
        )
        return instance.get_template_context()

    def execute(self, task: Any, **run: Any) -> Any:
        """Render and execute a copy of `task`; `self.ti` is its task instance."""
        context = self.context(task, **run)
        self.ti = context["ti"]
        copy = task.prepare_for_execution()
        copy.prepare_template()
        copy.render_template_fields(context)
        return copy.execute(context)


@contextlib.contextmanager
def frozen_time(moment: dt.datetime) -> Iterator[None]:
    """Make `timezone.utcnow` and `pendulum.now` return `moment`."""
    fixed = pendulum.instance(moment)

    def now(zone: Any = None) -> pendulum.DateTime:
        return fixed.in_timezone(zone or "UTC")

    with mock.patch("airflow.utils.timezone.utcnow", lambda: fixed):
        with mock.patch("pendulum.now", now):
            yield


@contextlib.contextmanager
def no_sleep() -> Iterator[list[float]]:
    """Let nothing sleep; yield the list of the seconds that were asked for."""
    slept: list[float] = []
    with mock.patch("time.sleep", slept.append):
        yield slept


def first_event(trigger: Any, between: Callable[[], None] | None = None) -> Any:
    """Run a trigger to its first event without waiting; `between` is called at each sleep."""

    async def sleep(seconds: float) -> None:
        if between is not None:
            between()

    async def run() -> Any:
        async for event in trigger.run():
            return event
        return None

    with mock.patch("asyncio.sleep", sleep):
        return asyncio.run(run())
