"""Timetables in which the clock plays no part."""

from __future__ import annotations

from typing import Any

from airflow.timetables.base import Timetable


class NullTimetable(Timetable):
    """`schedule=None`: runs are only triggered."""

    description = "Never, external triggers only"
    summary = "None"

    def to_schedule(self) -> dict[str, Any]:
        return {"kind": "none"}


class OnceTimetable(Timetable):
    """`schedule="@once"`: one run."""

    description = "Once, as soon as possible"
    summary = "@once"

    def to_schedule(self) -> dict[str, Any]:
        return {"kind": "once"}


class ContinuousTimetable(Timetable):
    """`schedule="@continuous"`: the next run starts as soon as the last one has ended."""

    description = "As frequently as possible, but only one run at a time."
    summary = "@continuous"

    def to_schedule(self) -> dict[str, Any]:
        return {"kind": "continuous"}
