"""How an attempt ended, as the worker is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

_REASON_CHARACTERS_MAX = 1000


class EndState(str, Enum):
    """States that an attempt can end in."""

    SUCCESS = "success"
    FAILED = "failed"
    FAIL_WITHOUT_RETRY = "fail_without_retry"
    SKIPPED = "skipped"


@dataclass
class Outcome:
    """The end of an attempt; `reason` is one line for people."""

    state: EndState
    reason: str | None = None
    skip_tasks: list[str] = field(default_factory=list)
    xcoms: dict[str, Any] = field(default_factory=dict)

    def as_frame(self) -> dict[str, Any]:
        """Return the `finished` frame."""
        frame: dict[str, Any] = {"op": "finished", "state": self.state.value}
        if self.reason:
            frame["reason"] = " ".join(self.reason.split())[:_REASON_CHARACTERS_MAX]
        if self.skip_tasks:
            frame["skip_tasks"] = self.skip_tasks
        if self.xcoms:
            frame["xcoms"] = self.xcoms
        return frame


def unique(task_ids: Iterable[str]) -> list[str]:
    """Return task ids without repetitions, in order."""
    return list(dict.fromkeys(task_ids))
