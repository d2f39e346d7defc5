"""BranchDayOfWeekOperator: branches on the day of the week."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow.operators.branch import BaseBranchOperator
from airflow.utils import timezone
from airflow.utils.user_warnings import warn_removed
from airflow.utils.weekday import WeekDay

if TYPE_CHECKING:
    from airflow.utils.context import Context


class BranchDayOfWeekOperator(BaseBranchOperator):
    """Follow one branch on certain days of the week, and another on the others.

    :param follow_task_ids_if_true: the branch, or branches, on these days.
    :param follow_task_ids_if_false: the branch, or branches, on the others.
    :param week_day: day, or days, as `WeekDay` or by its English name.
    :param use_task_logical_date: compare the logical date instead of the day it is now.
    """

    def __init__(
        self,
        *,
        follow_task_ids_if_true: str | Iterable[str],
        follow_task_ids_if_false: str | Iterable[str],
        week_day: str | Iterable[str] | WeekDay | Iterable[WeekDay],
        use_task_logical_date: bool = False,
        use_task_execution_day: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if use_task_execution_day is not None:
            warn_removed(
                "Parameter ``use_task_execution_day`` is deprecated. Use "
                "``use_task_logical_date``."
            )
            use_task_logical_date = use_task_execution_day
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.week_day = week_day
        self.use_task_logical_date = use_task_logical_date
        self._week_day_num = WeekDay.validate_week_day(week_day)

    def choose_branch(self, context: Context) -> str | Iterable[str]:
        if self.use_task_logical_date:
            now = context["logical_date"]
        else:
            now = timezone.make_naive(timezone.utcnow(), self.dag.timezone)
        if now.isoweekday() in self._week_day_num:
            return self.follow_task_ids_if_true
        return self.follow_task_ids_if_false
