"""`Label`: text on the edges between tasks, as in `a >> Label("on success") >> b`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.models.taskmixin import DependencyMixin, dependency_list, link_all

if TYPE_CHECKING:
    from airflow.models.baseoperator import BaseOperator
    from airflow.models.dag import DAG


class EdgeModifier(DependencyMixin):
    """Stands between two sides of `>>`, links them and labels the edges."""

    def __init__(self, label: str | None = None) -> None:
        self.label = label
        self._upstream: list[DependencyMixin] = []
        self._downstream: list[DependencyMixin] = []

    @property
    def roots(self) -> Sequence[BaseOperator]:
        return []

    @property
    def leaves(self) -> Sequence[BaseOperator]:
        return []

    def update_relative(
        self,
        other: DependencyMixin,
        upstream: bool = True,
        edge_modifier: EdgeModifier | None = None,
    ) -> None:
        self._connect(other, upstream)

    def _set_relatives(
        self, other: Any, upstream: bool, edge_modifier: EdgeModifier | None
    ) -> None:
        for relative in dependency_list(other):
            self._connect(relative, upstream)

    def _connect(self, other: DependencyMixin, upstream: bool) -> None:
        """Remember `other`, and link it to whatever already is on the other side."""
        near, far = (
            (self._upstream, self._downstream) if upstream else (self._downstream, self._upstream)
        )
        near.append(other)
        for opposite in far:
            first, second = (other, opposite) if upstream else (opposite, other)
            second.update_relative(first, True, self)
            first.update_relative(second, False, self)
            link_all(first.leaves, second.roots, self)

    def add_edge_info(self, dag: DAG, upstream_id: str, downstream_id: str) -> None:
        """Put the label on one edge of `dag`."""
        dag.set_edge_info(upstream_id, downstream_id, {"label": self.label})


def Label(label: str) -> EdgeModifier:  # noqa: N802 - Airflow's name
    """Create a label for the edges that it will stand between."""
    return EdgeModifier(label=label)
