"""XComArg: the result of a task, passed to another task while the DAG file is imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowException, XComNotFound
from airflow.models.taskmixin import DependencyMixin
from airflow.utils.mixins import ResolveMixin
from airflow.utils.xcom import XCOM_RETURN_KEY

if TYPE_CHECKING:
    from airflow.models.baseoperator import BaseOperator
    from airflow.utils.edgemodifier import EdgeModifier


class XComArg(ResolveMixin, DependencyMixin):
    """What `operator` pushes under `key`; `arg["name"]` stands for another key.

    In a templated field it makes the task that holds it downstream of `operator`.
    """

    def __init__(self, operator: BaseOperator, key: str = XCOM_RETURN_KEY) -> None:
        self.operator = operator
        self.key = key

    @property
    def roots(self) -> Sequence[BaseOperator]:
        return [self.operator]

    @property
    def leaves(self) -> Sequence[BaseOperator]:
        return [self.operator]

    def update_relative(
        self,
        other: DependencyMixin,
        upstream: bool = True,
        edge_modifier: EdgeModifier | None = None,
    ) -> None:
        self.operator.update_relative(other, upstream, edge_modifier)

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        yield self.operator, self.key

    @staticmethod
    def iter_xcom_references(arg: Any) -> Iterator[tuple[Any, str]]:
        """Yield the (operator, key) pairs in `arg`: a reference, or whatever contains some."""
        if isinstance(arg, ResolveMixin):
            yield from arg.iter_references()
        elif isinstance(arg, (tuple, set, list)):
            for item in arg:
                yield from XComArg.iter_xcom_references(item)
        elif isinstance(arg, dict):
            for item in arg.values():
                yield from XComArg.iter_xcom_references(item)
        elif not isinstance(arg, (str, type, DependencyMixin)):
            fields = getattr(arg, "template_fields", ())
            for field in fields if isinstance(fields, Iterable) else ():
                yield from XComArg.iter_xcom_references(getattr(arg, field, None))

    @staticmethod
    def apply_upstream_relationship(op: DependencyMixin, arg: Any) -> None:
        """Make `op` downstream of every task whose result `arg` contains."""
        for operator, _ in XComArg.iter_xcom_references(arg):
            op.set_upstream(operator)

    def resolve(self, context: Mapping[str, Any]) -> Any:
        found, value = context["ti"].find_xcom(self.operator, self.key)
        if found or self.key == XCOM_RETURN_KEY:
            return value
        raise XComNotFound(context["ti"].dag_id, self.operator.task_id, self.key)

    def __getitem__(self, key: str) -> XComArg:
        if not isinstance(key, str):
            raise ValueError(f"XComArg only supports str lookup, received {type(key).__name__}")
        return XComArg(self.operator, key)

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("'XComArg' object is not iterable: its value is known only at run time")

    def __bool__(self) -> bool:
        return True

    def map(self, f: Any) -> XComArg:
        """Reserved for mapped tasks."""
        raise AirflowException("XComArg.map() needs dynamic task mapping, which is not supported")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, XComArg):
            return NotImplemented
        return self.operator is other.operator and self.key == other.key

    def __hash__(self) -> int:
        return hash((id(self.operator), self.key))

    def __repr__(self) -> str:
        return f"XComArg({self.operator!r}, {self.key!r})"

    def __str__(self) -> str:
        """Return a template that renders to the value, so that f-strings work."""
        key = "" if self.key == XCOM_RETURN_KEY else f", key='{self.key}'"
        return (
            f"{{{{ task_instance.xcom_pull(task_ids='{self.operator.task_id}', "
            f"dag_id='{self.operator.dag_id}'{key}) }}}}"
        )
