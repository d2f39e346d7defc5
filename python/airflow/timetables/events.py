"""Runs at moments from a list."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any

from pendulum import DateTime

from airflow.exceptions import AirflowTimetableInvalid
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.utils import timezone


class EventsTimetable(Timetable):
    """Runs at each of `event_dates`.

    A run triggered by hand is of the moment when it is triggered; with `restrict_to_events`, of the
    last event before, or the first one where there is none.
    """

    def __init__(
        self,
        event_dates: Iterable[DateTime],
        restrict_to_events: bool = False,
        presorted: bool = False,
        description: str | None = None,
    ) -> None:
        dates = [timezone.coerce_datetime(date) for date in event_dates]
        self.event_dates: list[DateTime] = dates if presorted else sorted(set(dates))
        if not dates:
            raise AirflowTimetableInvalid("EventsTimetable needs at least one event date")
        self.restrict_to_events = restrict_to_events
        self.description = description or (
            f"{len(dates)} events between {self.event_dates[0]} and {self.event_dates[-1]}"
        )

    @property
    def summary(self) -> str:
        return f"{len(self.event_dates)} events"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventsTimetable):
            return NotImplemented
        return self.serialize() == other.serialize()

    __hash__ = None  # type: ignore[assignment]

    def serialize(self) -> dict[str, Any]:
        return {
            "event_dates": [date.isoformat() for date in self.event_dates],
            "restrict_to_events": self.restrict_to_events,
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        dates = [timezone.parse(text) for text in data["event_dates"]]
        return cls(dates, data["restrict_to_events"], presorted=True)

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "events",
            "dates": [date.isoformat() for date in self.event_dates],
            "restrict_to_events": self.restrict_to_events,
            "description": self.description,
        }

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        if not self.restrict_to_events:
            return DataInterval.exact(run_after)
        return DataInterval.exact(self.event_dates[max(0, self._count_until(run_after) - 1)])

    def _count_until(self, moment: DateTime) -> int:
        return bisect_right(self.event_dates, moment)

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        position = 0
        if last_automated_data_interval is not None:
            position = self._count_until(last_automated_data_interval.end)
        elif not restriction.catchup:
            position = max(0, self._count_until(timezone.utcnow()) - 1)
        if restriction.earliest is not None:
            position = max(position, bisect_left(self.event_dates, restriction.earliest))
        if position >= len(self.event_dates):
            return None
        date = self.event_dates[position]
        if restriction.latest is not None and date > restriction.latest:
            return None
        return DagRunInfo.exact(date)

    def following(self, moment: DateTime) -> DateTime | None:
        position = self._count_until(moment)
        return self.event_dates[position] if position < len(self.event_dates) else None

    def preceding(self, moment: DateTime) -> DateTime | None:
        position = bisect_left(self.event_dates, moment)
        return self.event_dates[position - 1] if position else None
