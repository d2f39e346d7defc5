"""BaseTIDep: a condition that a task instance must meet, as custom operators of Airflow define it.

The engine decides by dependencies and trigger rules alone; classes like these load and are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple


class TIDepStatus(NamedTuple):
    """Whether a condition is met, and why."""

    dep_name: str
    passed: bool
    reason: str


class BaseTIDep:
    """A condition; for subclasses."""

    IGNORABLE = False
    IS_TASK_DEP = False
    NAME = ""

    @property
    def name(self) -> str:
        """The name of the condition."""
        return getattr(self, "NAME", "") or type(self).__name__

    def _get_dep_statuses(self, ti: Any, session: Any, dep_context: Any) -> Iterator[TIDepStatus]:
        raise NotImplementedError

    def _failing_status(self, reason: str = "") -> TIDepStatus:
        return TIDepStatus(self.name, False, reason)

    def _passing_status(self, reason: str = "") -> TIDepStatus:
        return TIDepStatus(self.name, True, reason)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))
