"""Days of the week."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any


@enum.unique
class WeekDay(enum.IntEnum):
    """The days, numbered as by `datetime.isoweekday`."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7

    @classmethod
    def get_weekday_number(cls, week_day_str: str) -> WeekDay:
        """Return the day with this English name."""
        day = cls.__members__.get(week_day_str.upper())
        if day is None:
            raise AttributeError(f'Invalid Week Day passed: "{week_day_str}"')
        return day

    @classmethod
    def convert(cls, day: str | WeekDay) -> int:
        """Return the number of a day, given as such or by its name."""
        return cls.get_weekday_number(day) if isinstance(day, str) else WeekDay(day)

    @classmethod
    def validate_week_day(cls, week_day: Any) -> set[int]:
        """Return the numbers of one day or several, given as such or by their names."""
        if not isinstance(week_day, Iterable) and not isinstance(week_day, WeekDay):
            raise TypeError(
                f"Unsupported Type for week_day parameter: {type(week_day)}. Input should be "
                "iterable type: str, set, list, dict or Weekday enum type"
            )
        if isinstance(week_day, (str, WeekDay)):
            week_day = {week_day}
        return {cls.convert(item) for item in week_day}
