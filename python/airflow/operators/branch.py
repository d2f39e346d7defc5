"""BaseBranchOperator: chooses which of the next tasks run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow.models.baseoperator import BaseOperator
from airflow.models.skipmixin import SkipMixin

if TYPE_CHECKING:
    from airflow.utils.context import Context


class BranchMixIn(SkipMixin):
    """Gives an operator the means to follow branches."""

    def do_branch(
        self, context: Context, branches_to_execute: str | Iterable[str] | None
    ) -> str | Iterable[str] | None:
        """Skip everything directly downstream but the branches; return the branches."""
        self.skip_all_except(context["ti"], branches_to_execute)
        return branches_to_execute


class BaseBranchOperator(BaseOperator, BranchMixIn):
    """Runs the branches that `choose_branch` names. Subclasses implement that method."""

    def choose_branch(self, context: Context) -> str | Iterable[str] | None:
        """Return the id, or ids, of the tasks or task groups to follow; None for none."""
        raise NotImplementedError

    def execute(self, context: Context) -> Any:
        return self.do_branch(context, self.choose_branch(context))
