"""Helpers around dates that older DAG files use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.utils import timezone
from airflow.utils.user_warnings import warn_removed

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
