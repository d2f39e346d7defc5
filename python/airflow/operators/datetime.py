"""BranchDateTimeOperator: branches on the time."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowException
from airflow.operators.branch import BaseBranchOperator
from airflow.utils import timezone
from airflow.utils.user_warnings import warn_removed

if TYPE_CHECKING:
    from airflow.utils.context import Context


class BranchDateTimeOperator(BaseBranchOperator):
    """Follow one branch between two moments, and another before and after.

    A `datetime.time` stands for that time of the current day; where the upper one is earlier than
    the lower one, it is of the next day.

    :param follow_task_ids_if_true: the branch, or branches, between the two.
    :param follow_task_ids_if_false: the branch, or branches, otherwise.
    :param target_lower: the lower limit; None for none.
    :param target_upper: the upper limit; None for none.
    :param use_task_logical_date: compare the logical date instead of the time it is now.
    """

    def __init__(
        self,
        *,
        follow_task_ids_if_true: str | Iterable[str],
        follow_task_ids_if_false: str | Iterable[str],
        target_lower: datetime.datetime | datetime.time | None,
        target_upper: datetime.datetime | datetime.time | None,
        use_task_logical_date: bool = False,
        use_task_execution_date: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if target_lower is None and target_upper is None:
            raise AirflowException(
                "Both target_upper and target_lower are None. At least one must be defined to be "
                "compared to the current datetime"
            )
        if use_task_execution_date is not None:
            warn_removed(
                "Parameter ``use_task_execution_date`` is deprecated. Use "
                "``use_task_logical_date``."
            )
            use_task_logical_date = use_task_execution_date
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.target_lower = target_lower
        self.target_upper = target_upper
        self.use_task_logical_date = use_task_logical_date

    def choose_branch(self, context: Context) -> str | Iterable[str]:
        now = context["logical_date"] if self.use_task_logical_date else timezone.utcnow()
        now = timezone.make_naive(timezone.coerce_datetime(now), self.dag.timezone)
        lower, upper = target_times_as_dates(now, self.target_lower, self.target_upper)
        too_late = upper is not None and self._naive(upper) < now
        too_early = lower is not None and self._naive(lower) > now
        if too_late or too_early:
            return self.follow_task_ids_if_false
        return self.follow_task_ids_if_true

    def _naive(self, moment: datetime.datetime) -> datetime.datetime:
        return timezone.make_naive(moment, self.dag.timezone) if moment.tzinfo else moment


def target_times_as_dates(
    base_date: datetime.datetime,
    lower: datetime.datetime | datetime.time | None,
    upper: datetime.datetime | datetime.time | None,
) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    """Return the limits as datetimes; those that are times are of the day of `base_date`."""
    day = base_date.date()
    low = datetime.datetime.combine(day, lower) if isinstance(lower, datetime.time) else lower
    high = datetime.datetime.combine(day, upper) if isinstance(upper, datetime.time) else upper
    if low is None or high is None:
        return low, high
    comparable = (low.tzinfo is None) == (high.tzinfo is None)
    if comparable and high < low:
        high += datetime.timedelta(days=1)
    return low, high
