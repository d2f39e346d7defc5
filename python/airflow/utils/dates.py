"""Helpers around dates that older DAG files use."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.utils import timezone
from airflow.utils.user_warnings import warn_removed

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

__all__ = [
    "cron_presets",
    "date_range",
    "datetime",
    "days_ago",
    "infer_time_unit",
    "parse_execution_date",
    "round_time",
    "scale_time_units",
    "timedelta",
    "timezone",
]

cron_presets: dict[str, str] = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}


def days_ago(n: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0) -> Any:
    """Return the time of day given by the other arguments, `n` days ago, in UTC."""
    warn_removed(
        "Function `days_ago` is deprecated; use a fixed start_date such as "
        "pendulum.datetime(2024, 1, 1, tz='UTC')"
    )
    now: Any = timezone.utcnow()
    today = now.replace(hour=hour, minute=minute, second=second, microsecond=microsecond)
    return today - timedelta(days=n)


def parse_execution_date(execution_date_str: str) -> Any:
    """Return the moment that `execution_date_str` names."""
    return timezone.parse(execution_date_str)


def date_range(
    start_date: datetime,
    end_date: datetime | None = None,
    num: int | None = None,
    delta: str | timedelta | relativedelta | None = None,
) -> list[Any]:
    """Return the dates from `start_date` up to `end_date`, or `num` of them (backwards if < 0)."""
    warn_removed("`airflow.utils.dates.date_range()` is deprecated")
    if not delta:
        return []
    if end_date is not None and (num is not None or start_date > end_date):
        raise ValueError("give either num or an end_date that is not before start_date")
    step = _create_step(delta)
    limit = None if num is None else abs(num)
    end = end_date or (timezone.utcnow() if num is None else None)
    dates: list[Any] = []
    moment = start_date
    while (limit is None or len(dates) < limit) and (end is None or moment <= end):
        dates.append(moment)
        moment = step(moment, num is not None and num < 0)
    return sorted(dates)


def _create_step(delta: Any) -> Any:
    """Return the function from one date to the next or (backwards) the one before."""
    if not isinstance(delta, str):
        return lambda moment, backwards: moment - delta if backwards else moment + delta
    from croniter import croniter

    expression = cron_presets.get(delta, delta)

    def step(moment: datetime, backwards: bool) -> datetime:
        ticks = croniter(expression, moment)
        found: datetime = ticks.get_prev(datetime) if backwards else ticks.get_next(datetime)
        return found

    return step


def round_time(dt: datetime, delta: Any, start_date: datetime | None = None) -> datetime:
    """Return the multiple of `delta` after `start_date` that is nearest to `dt`."""
    origin = start_date or datetime.min.replace(tzinfo=dt.tzinfo)
    if isinstance(delta, str):
        from croniter import croniter

        ticks = croniter(cron_presets.get(delta, delta), origin)
        previous: datetime = ticks.get_prev(datetime)
        return origin if previous == origin else previous
    past = (dt - origin) % delta
    lower = dt - past
    return lower if past <= delta / 2 else lower + delta


_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


def infer_time_unit(time_seconds_arr: Any) -> str:
    """Return the unit in which so many seconds read best."""
    longest = max(time_seconds_arr, default=0)
    if longest <= 2 * 60:
        return "seconds"
    if longest <= 2 * 3600:
        return "minutes"
    return "hours" if longest <= 2 * 86400 else "days"


def scale_time_units(time_seconds_arr: Any, unit: str) -> list[float]:
    """Return seconds in another unit."""
    return [seconds / _UNITS[unit] for seconds in time_seconds_arr]
