"""How an attempt ended, as the worker is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

_REASON_CHARACTERS_MAX = 1000
_ONLY_IF_SET = (
    "skip_tasks",
    "xcoms",
    "map_length",
    "rendered_map_index",
    "dataset_events",
    "reschedule_date",
    "traceback",
)


class EndState(str, Enum):
    """States that an attempt can end in."""

    SUCCESS = "success"
    FAILED = "failed"
    FAIL_WITHOUT_RETRY = "fail_without_retry"
    SKIPPED = "skipped"
    DEFERRED = "deferred"
    RESCHEDULED = "rescheduled"


@dataclass
class Deferral:
    """What a deferred task waits for, and where it goes on; plain JSON values."""

    classpath: str
    trigger_kwargs: dict[str, Any]
    next_method: str
    next_kwargs: dict[str, Any]
    timeout: float | None = None

    def as_fields(self) -> dict[str, Any]:
        """Return the fields of the `finished` frame."""
        return {
            "trigger": {"classpath": self.classpath, "kwargs": self.trigger_kwargs},
            "timeout": self.timeout,
            "next_method": self.next_method,
            "next_kwargs": self.next_kwargs,
        }


@dataclass
class Outcome:
    """The end of an attempt; `reason` is one line for people."""

    state: EndState
    reason: str | None = None
    skip_tasks: list[str] = field(default_factory=list)
    xcoms: dict[str, Any] = field(default_factory=dict)
    map_length: int | None = None
    rendered_map_index: str | None = None
    dataset_events: list[dict[str, Any]] = field(default_factory=list)
    deferral: Deferral | None = None
    reschedule_date: str | None = None
    traceback: str | None = None

    def as_frame(self) -> dict[str, Any]:
        """Return the `finished` frame."""
        frame: dict[str, Any] = {"op": "finished", "state": self.state.value}
        if self.reason:
            frame["reason"] = " ".join(self.reason.split())[:_REASON_CHARACTERS_MAX]
        for name in _ONLY_IF_SET:
            value = getattr(self, name)
            if value or value == 0:
                frame[name] = value
        if self.deferral is not None:
            frame.update(self.deferral.as_fields())
        return frame


def unique(task_ids: Iterable[str]) -> list[str]:
    """Return task ids without repetitions, in order."""
    return list(dict.fromkeys(task_ids))
