"""BaseTrigger, the events that triggers yield, and what starts a task from a trigger."""

from __future__ import annotations

import abc
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.utils.log.logging_mixin import LoggingMixin
from airflow.utils.state import TaskInstanceState


@dataclass
class StartTriggerArgs:
    """How to start a task directly in its trigger, without running the operator first."""

    trigger_cls: str
    next_method: str
    trigger_kwargs: dict[str, Any] | None = None
    next_kwargs: dict[str, Any] | None = None
    timeout: timedelta | None = None


class TriggerEvent:
    """What a trigger yields when what it waits for has happened; `payload` goes to the task."""

    def __init__(self, payload: Any) -> None:
        self.payload = payload

    def __repr__(self) -> str:
        return f"TriggerEvent<{self.payload!r}>"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TriggerEvent):
            return type(self) is type(other) and bool(self.payload == other.payload)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]


class BaseTaskEndEvent(TriggerEvent):
    """Ends the task in a state, without running the operator again.

    :param xcoms: values to store for other tasks, by key.
    """

    task_instance_state: TaskInstanceState

    def __init__(self, *, xcoms: dict[str, Any] | None = None, **kwargs: Any) -> None:
        if "payload" in kwargs:
            raise ValueError("Param 'payload' not supported for this class.")
        super().__init__(payload=str(self.task_instance_state))
        self.xcoms = xcoms


class TaskSuccessEvent(BaseTaskEndEvent):
    """Ends the task as successful."""

    task_instance_state = TaskInstanceState.SUCCESS


class TaskFailedEvent(BaseTaskEndEvent):
    """Ends the task as failed."""

    task_instance_state = TaskInstanceState.FAILED


class TaskSkippedEvent(BaseTaskEndEvent):
    """Ends the task as skipped."""

    task_instance_state = TaskInstanceState.SKIPPED


class BaseTrigger(abc.ABC, LoggingMixin):
    """Something that a deferred task waits for.

    Triggers of all tasks share one event loop: `run` must await instead of blocking. `serialize`
    names the class and its arguments, from which the trigger is created again where it runs.
    """

    # Of the class, because triggers of provider packages leave this constructor out.
    task_instance: Any = None
    trigger_id: Any = None

    def __init__(self, **kwargs: Any) -> None:
        """Accept any keywords."""

    def _set_context(self, context: Any) -> None:
        """Take note of the task that waits; called before `run`."""

    @abc.abstractmethod
    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the dotted path of the class, and the keyword arguments of this trigger."""
        raise NotImplementedError("Triggers must implement serialize()")

    @abc.abstractmethod
    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait, and yield an event; only the first one counts."""
        raise NotImplementedError("Triggers must implement run()")
        yield  # makes this an asynchronous generator, as those of subclasses are

    async def cleanup(self) -> None:
        """Release what the trigger holds; called when it is ended, with or without an event."""

    @staticmethod
    def repr(classpath: str, kwargs: dict[str, Any]) -> str:
        """Return a trigger in words."""
        values = ", ".join(f"{name}={value}" for name, value in kwargs.items())
        return f"<{classpath} {values}>"

    def __repr__(self) -> str:
        return self.repr(*self.serialize())


class BaseEventTrigger(BaseTrigger):
    """A trigger whose events may also update assets."""

    @staticmethod
    def hash(classpath: str, kwargs: dict[str, Any]) -> int:
        """Return a number that is the same for triggers with the same class and arguments."""
        import json
        import zlib

        text = json.dumps([classpath, kwargs], sort_keys=True, default=str)
        return zlib.crc32(text.encode())
