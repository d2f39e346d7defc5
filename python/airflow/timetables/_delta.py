"""Spans between runs: timedelta, or relativedelta for calendar months."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Union

from pendulum import DateTime

from airflow.exceptions import AirflowTimetableInvalid
from airflow.utils import timezone as timezones

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

    Delta = Union[dt.timedelta, relativedelta]

_ABSOLUTE = ("year", "month", "day", "weekday", "hour", "minute", "second", "microsecond")


class DeltaMixin:
    """Steps along moments that are one span apart."""

    def __init__(self, delta: Delta) -> None:
        if isinstance(delta, dt.timedelta) and delta <= dt.timedelta():
            raise AirflowTimetableInvalid(f"schedule {delta!r} must be longer than zero")
        self._delta = delta

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._delta == other._delta

    __hash__ = None  # type: ignore[assignment]

    @property
    def summary(self) -> str:
        """The span."""
        return str(self._delta)

    def serialize(self) -> dict[str, Any]:
        """Return the arguments as JSON values."""
        return {"delta": span_fields(self._delta)}

    def validate(self) -> None:
        """Raise AirflowTimetableInvalid unless the span leads on."""
        now = dt.datetime.now()
        if now + self._delta <= now:
            raise AirflowTimetableInvalid(
                f"schedule interval must be positive, not {self._delta!r}"
            )

    def _get_next(self, current: DateTime) -> Any:
        return timezones.convert_to_utc(current + self._delta)

    def _get_prev(self, current: DateTime) -> Any:
        return timezones.convert_to_utc(current - self._delta)

    def _align_to_next(self, current: DateTime) -> Any:
        return current

    def _align_to_prev(self, current: DateTime) -> Any:
        return current

    def following(self, moment: DateTime) -> Any:
        """Return the moment one span after `moment`."""
        return self._get_next(moment)

    def preceding(self, moment: DateTime) -> Any:
        """Return the moment one span before `moment`."""
        return self._get_prev(moment)


def span_fields(delta: Delta) -> dict[str, Any]:
    """Return a span as `seconds`, and `months` where it has some."""
    if isinstance(delta, dt.timedelta):
        return {"seconds": delta.total_seconds()}
    if delta.leapdays or any(getattr(delta, field) is not None for field in _ABSOLUTE):
        raise AirflowTimetableInvalid(
            f"schedule {delta!r} fixes a point in time; only relative parts (months=1, "
            "days=2) are supported"
        )
    normal = delta.normalized()
    days = dt.timedelta(
        days=normal.days,
        hours=normal.hours,
        minutes=normal.minutes,
        seconds=normal.seconds,
        microseconds=normal.microseconds,
    )
    return {"seconds": days.total_seconds(), "months": normal.years * 12 + normal.months}


def span_seconds(delta: Delta) -> float:
    """Return the length of a span; a month counts as 30 days, a year as 365."""
    if isinstance(delta, dt.timedelta):
        return delta.total_seconds()
    days = delta.years * 365 + delta.months * 30 + delta.days
    return days * 86400 + delta.hours * 3600 + delta.minutes * 60 + delta.seconds


def plain_span(delta: Delta) -> float:
    """Return the seconds of a span, which must have no months."""
    fields = span_fields(delta)
    if fields.get("months"):
        raise AirflowTimetableInvalid(
            f"interval {delta!r} has months; use a timedelta, whose length is fixed"
        )
    return float(fields["seconds"])


def read_span(data: Any) -> Delta:
    """Return the span that `span_fields` has described, or a number of seconds."""
    if not isinstance(data, dict):
        return dt.timedelta(seconds=data)
    if not data.get("months"):
        return dt.timedelta(seconds=data["seconds"])
    from dateutil.relativedelta import relativedelta

    return relativedelta(months=data["months"], seconds=data["seconds"])
