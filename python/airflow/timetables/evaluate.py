"""What the engine asks of an author's own timetable, as functions from and to JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.exceptions import AirflowTimetableInvalid
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.utils import timezone


def next_run(
    timetable: Timetable,
    last: Mapping[str, str] | None,
    earliest: str | None,
    latest: str | None,
    catchup: bool,
) -> dict[str, str] | None:
    """Return the next run after the interval `last`: `start`, `end` and `run_after`, or None."""
    info = timetable.next_dagrun_info(
        last_automated_data_interval=None if last is None else _read_interval(last),
        restriction=TimeRestriction(_read(earliest), _read(latest), catchup),
    )
    if info is None:
        return None
    if not isinstance(info, DagRunInfo):
        raise AirflowTimetableInvalid(
            f"{type(timetable).__name__}.next_dagrun_info() must return DagRunInfo or None, not "
            f"{info!r}"
        )
    return {**_write_interval(timetable, info.data_interval), "run_after": _write(info.run_after)}


def manual_interval(timetable: Timetable, run_after: str) -> dict[str, str]:
    """Return `start` and `end` of the data of a run that is triggered by hand."""
    interval = timetable.infer_manual_data_interval(run_after=timezone.parse(run_after))
    return _write_interval(timetable, interval)


def _read(text: str | None) -> Any:
    return None if text is None else timezone.parse(text)


def _read_interval(fields: Mapping[str, str]) -> DataInterval:
    return DataInterval(timezone.parse(fields["start"]), timezone.parse(fields["end"]))


def _write_interval(timetable: Timetable, interval: DataInterval) -> dict[str, str]:
    start, end = interval
    if timezone.is_naive(start) or timezone.is_naive(end):
        raise AirflowTimetableInvalid(
            f"{type(timetable).__name__} gives the data interval {start} to {end}, which lacks a "
            "time zone; use pendulum.DateTime with tz"
        )
    return {"start": _write(start), "end": _write(end)}


def _write(moment: Any) -> str:
    text: str = timezone.convert_to_utc(moment).isoformat()
    return text
