"""What can stand on either side of `>>`: operators, task groups, XComArgs and labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowException

if TYPE_CHECKING:
    from airflow.models.baseoperator import BaseOperator
    from airflow.utils.edgemodifier import EdgeModifier


class DependencyMixin:
    """Gives a class `>>`, `<<` and their spelled-out forms."""

    @property
    def roots(self) -> Sequence[BaseOperator]:
        """The operators that an upstream task must precede."""
        raise NotImplementedError

    @property
    def leaves(self) -> Sequence[BaseOperator]:
        """The operators that a downstream task must follow."""
        raise NotImplementedError

    def set_upstream(
        self,
        other: DependencyMixin | Sequence[DependencyMixin],
        edge_modifier: EdgeModifier | None = None,
    ) -> None:
        """Make `other` upstream of this object."""
        self._set_relatives(other, upstream=True, edge_modifier=edge_modifier)

    def set_downstream(
        self,
        other: DependencyMixin | Sequence[DependencyMixin],
        edge_modifier: EdgeModifier | None = None,
    ) -> None:
        """Make `other` downstream of this object."""
        self._set_relatives(other, upstream=False, edge_modifier=edge_modifier)

    def update_relative(
        self,
        other: DependencyMixin,
        upstream: bool = True,
        edge_modifier: EdgeModifier | None = None,
    ) -> None:
        """Take note that `other` has been set as a relative of this object."""

    def _set_relatives(
        self, other: Any, upstream: bool, edge_modifier: EdgeModifier | None
    ) -> None:
        for relative in dependency_list(other):
            relative.update_relative(self, not upstream, edge_modifier)
            if upstream:
                link_all(relative.leaves, self.roots, edge_modifier)
            else:
                link_all(self.leaves, relative.roots, edge_modifier)

    def __lshift__(self, other: Any) -> Any:
        self.set_upstream(other)
        return other

    def __rshift__(self, other: Any) -> Any:
        self.set_downstream(other)
        return other

    def __rrshift__(self, other: Any) -> DependencyMixin:
        """Called for `[a, b] >> self`, because lists have no `>>`."""
        self.__lshift__(other)
        return self

    def __rlshift__(self, other: Any) -> DependencyMixin:
        """Called for `[a, b] << self`, because lists have no `<<`."""
        self.__rshift__(other)
        return self


def dependency_list(other: Any) -> list[DependencyMixin]:
    """Return one dependency, or an iterable of them, as a list."""
    if isinstance(other, DependencyMixin):
        return [other]
    items = list(other) if isinstance(other, Iterable) and not isinstance(other, str) else [other]
    for item in items:
        if not isinstance(item, DependencyMixin):
            raise AirflowException(
                "Relationships can only be set between Operators, task groups and the results "
                f"of @task functions; received {type(item).__name__}: {item!r}"
            )
    return items


def link_all(
    upstream: Iterable[BaseOperator],
    downstream: Iterable[BaseOperator],
    edge_modifier: EdgeModifier | None = None,
) -> None:
    """Make each of `upstream` precede each of `downstream`."""
    followers = list(downstream)
    for first in upstream:
        for second in followers:
            _link(first, second, edge_modifier)


def _link(first: BaseOperator, second: BaseOperator, edge_modifier: EdgeModifier | None) -> None:
    dags = {id(task.dag): task.dag for task in (first, second) if task.has_dag()}
    if len(dags) > 1:
        raise AirflowException(
            "Tried to set relationships between tasks in more than one DAG: "
            f"{first.dag.dag_id}.{first.task_id} and {second.dag.dag_id}.{second.task_id}"
        )
    if not dags:
        raise AirflowException(
            "Tried to create relationships between tasks that don't have DAGs yet. Set the DAG "
            f"for at least one task and try again: {first.task_id}, {second.task_id}"
        )
    (dag,) = dags.values()
    for task in (first, second):
        if not task.has_dag():
            task.dag = dag
    first.downstream_task_ids.add(second.task_id)
    second.upstream_task_ids.add(first.task_id)
    if edge_modifier is not None:
        edge_modifier.add_edge_info(dag, first.task_id, second.task_id)


# The name under which Airflow has what tasks and task groups share.
DAGNode = DependencyMixin
