"""Runs by time, and by updates of assets too: the names of Airflow 3."""

from __future__ import annotations

from typing import Any

from airflow.timetables.base import Timetable
from airflow.timetables.datasets import DatasetOrTimeSchedule


class AssetOrTimeSchedule(DatasetOrTimeSchedule):
    """Runs by `timetable`, and whenever the assets have been updated."""

    def __init__(self, *, timetable: Timetable, assets: Any) -> None:
        super().__init__(timetable=timetable, datasets=assets)
