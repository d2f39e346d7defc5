"""Timetable, the form that every `schedule` argument takes."""

from __future__ import annotations

from typing import Any, NamedTuple

from pendulum import DateTime

from airflow.exceptions import AirflowTimetableInvalid


class DataInterval(NamedTuple):
    """The span of data that a DAG run works on; both ends are aware, `end` is exclusive."""

    start: DateTime
    end: DateTime

    @classmethod
    def exact(cls, at: DateTime) -> DataInterval:
        """Return the empty interval at one moment."""
        return cls(start=at, end=at)


class Timetable:
    """Base class of the timetables that the engine knows.

    The engine computes when runs are due; Python only describes the schedule. The methods that
    do compute serve template variables and operators that look at neighbouring runs.
    """

    description: str = ""

    @property
    def summary(self) -> str:
        """A short text for people."""
        return type(self).__name__

    def to_schedule(self) -> dict[str, Any]:
        """Return the `schedule` object of the serialized DAG."""
        raise AirflowTimetableInvalid(
            f"timetable {type(self).__name__} is not supported; use a cron expression, a preset "
            "such as @daily, a timedelta, @once, @continuous or None"
        )

    def following(self, moment: DateTime) -> DateTime | None:
        """Return the first due moment after `moment`, or None where time does not decide."""
        return None

    def preceding(self, moment: DateTime) -> DateTime | None:
        """Return the last due moment before `moment`, or None where time does not decide."""
        return None
