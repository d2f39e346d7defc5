"""What mapped and unmapped operators share: their place in the graph of a DAG."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.exceptions import AirflowException, TaskAlreadyInTaskGroup
from airflow.models.operator_arguments import (  # noqa: F401 - some are imported from here
    DEFAULT_IGNORE_FIRST_DEPENDS_ON_PAST,
    DEFAULT_OWNER,
    DEFAULT_POOL_NAME,
    DEFAULT_POOL_SLOTS,
    DEFAULT_PRIORITY_WEIGHT,
    DEFAULT_QUEUE,
    DEFAULT_RETRIES,
    DEFAULT_RETRY_DELAY,
    DEFAULT_TASK_EXECUTION_TIMEOUT,
    DEFAULT_TRIGGER_RULE,
    DEFAULT_WEIGHT_RULE,
    OperatorArguments,
)
from airflow.models.taskmixin import DependencyMixin
from airflow.template.templater import Templater
from airflow.utils.log.logging_mixin import LoggingMixin
from airflow.utils.setup_teardown import SetupTeardownMixin

if TYPE_CHECKING:
    import jinja2

    from airflow.models.dag import DAG
    from airflow.models.expandinput import ExpandInput
    from airflow.models.mappedoperator import MappedOperator
    from airflow.models.param import ParamsDict
    from airflow.models.xcom_arg import XComArg
    from airflow.utils.task_group import MappedTaskGroup, TaskGroup


class NotMapped(Exception):  # noqa: N818 - Airflow's name
    """The task is not mapped, nor in a mapped task group."""


class AbstractOperator(
    Templater, OperatorArguments, SetupTeardownMixin, DependencyMixin, LoggingMixin
):
    """A node of the graph of a DAG."""

    task_id: str
    params: ParamsDict
    task_group: TaskGroup | None
    upstream_task_ids: set[str]
    downstream_task_ids: set[str]

    template_fields_renderers: ClassVar[dict[str, str]] = {}
    ui_color: str = "#fff"
    ui_fgcolor: str = "#000"
    operator_extra_links: Collection[Any] = ()
    is_mapped: bool = False
    subdag: Any = None
    _dag: DAG | None = None

    @property
    def dag(self) -> DAG:
        """The DAG that the task belongs to."""
        if self._dag is None:
            raise AirflowException(f"Operator {self} has not been assigned to a DAG yet")
        return self._dag

    @dag.setter
    def dag(self, dag: DAG | None) -> None:
        if dag is None:
            self._dag = None
            return
        if self._dag is dag:
            return
        if self._dag is not None:
            raise AirflowException(f"The DAG assigned to {self} can not be changed.")
        dag.add_task(self)
        self._dag = dag

    def has_dag(self) -> bool:
        """Tell whether the task belongs to a DAG."""
        return self._dag is not None

    def get_dag(self) -> DAG | None:
        """Return the DAG, or None where the task has none."""
        return self._dag

    @property
    def dag_id(self) -> str:
        """Id of the DAG, or a made-up one for a task without a DAG."""
        return self._dag.dag_id if self._dag else f"adhoc_{self.owner}"

    @property
    def node_id(self) -> str:
        """Id of the task as a node of the graph."""
        return self.task_id

    @property
    def label(self) -> str:
        """Id of the task without that of its task group."""
        group = self.task_group
        if group is not None and group.group_id and group.prefix_group_id:
            return self.task_id[len(group.group_id) + 1 :]
        return self.task_id

    @property
    def task_display_name(self) -> str:  # type: ignore[override]
        """Name of the task for people."""
        return vars(self).get("task_display_name") or self.task_id

    @property
    def operator_class(self) -> Any:
        """The operator's class."""
        return type(self)

    @property
    def task_type(self) -> str:
        """Name of the operator's class."""
        return str(self.operator_class.__name__)

    @property
    def operator_name(self) -> str:
        """Name of the operator for people."""
        return getattr(self.operator_class, "custom_operator_name", self.task_type)

    @property
    def inherits_from_empty_operator(self) -> bool:
        """Whether the task does nothing."""
        from airflow.operators.empty import EmptyOperator

        return issubclass(self.operator_class, EmptyOperator)

    @property
    def roots(self) -> Sequence[AbstractOperator]:
        return [self]

    @property
    def leaves(self) -> Sequence[AbstractOperator]:
        return [self]

    @property
    def upstream_list(self) -> list[Any]:
        """The tasks directly upstream."""
        return [self.dag.get_task(task_id) for task_id in sorted(self.upstream_task_ids)]

    @property
    def downstream_list(self) -> list[Any]:
        """The tasks directly downstream."""
        return [self.dag.get_task(task_id) for task_id in sorted(self.downstream_task_ids)]

    def get_direct_relative_ids(self, upstream: bool = False) -> set[str]:
        """Return the ids of the tasks directly upstream or downstream."""
        return self.upstream_task_ids if upstream else self.downstream_task_ids

    def get_direct_relatives(self, upstream: bool = False) -> list[Any]:
        """Return the tasks directly upstream or downstream."""
        return self.upstream_list if upstream else self.downstream_list

    def get_flat_relative_ids(self, upstream: bool = False) -> set[str]:
        """Return the ids of all tasks upstream or downstream, near and far."""
        found: set[str] = set()
        pending: list[AbstractOperator] = [self]
        while pending:
            fresh = pending.pop().get_direct_relative_ids(upstream) - found
            found |= fresh
            pending.extend(self.dag.get_task(task_id) for task_id in fresh)
        return found

    def get_flat_relatives(self, upstream: bool = False) -> list[Any]:
        """Return all tasks upstream or downstream, near and far."""
        return [self.dag.get_task(task_id) for task_id in self.get_flat_relative_ids(upstream)]

    def add_to_taskgroup(self, task_group: TaskGroup) -> None:
        """Move the task, which must be in no group yet, into one."""
        if self.task_group is not None and not self.task_group.is_root:
            raise TaskAlreadyInTaskGroup(
                self.task_id, self.task_group.group_id, task_group.group_id
            )
        self.task_group = task_group
        task_group.add(self)

    @property
    def output(self) -> XComArg:
        """What the task returns, to be passed to another task."""
        from airflow.models.xcom_arg import XComArg

        return XComArg(operator=self)

    def get_template_env(self, dag: DAG | None = None) -> jinja2.Environment:
        """Return the Jinja2 environment of `dag`, by default that of the task."""
        return super().get_template_env(dag or self._dag)

    def iter_mapped_task_groups(self) -> Iterator[MappedTaskGroup]:
        """Yield the mapped task groups that the task is in, innermost first."""
        if self.task_group is not None:
            yield from self.task_group.iter_mapped_task_groups()

    def get_closest_mapped_task_group(self) -> MappedTaskGroup | None:
        """Return the innermost mapped task group that the task is in."""
        return next(self.iter_mapped_task_groups(), None)

    @property
    def has_instances_by_index(self) -> bool:
        """Whether the task has an instance for each map index."""
        return self.is_mapped or self.get_closest_mapped_task_group() is not None

    def iter_mapped_dependants(self) -> Iterator[MappedOperator | MappedTaskGroup]:
        """Yield the mapped tasks and task groups whose length is that of this task's result."""
        seen: set[int] = set()
        for task in self.downstream_list if self.downstream_task_ids else ():
            nodes = [task] if task.is_mapped else task.iter_mapped_task_groups()
            for node in nodes:
                if id(node) in seen:
                    continue
                seen.add(id(node))
                if any(op.task_id == self.task_id for op, _ in node.iter_mapped_references()):
                    yield node

    def expand_input_of_instances(self) -> ExpandInput | None:
        """Return what the instances of the task are counted by; None for an unmapped task."""
        group = self.get_closest_mapped_task_group()
        return None if group is None else group.expand_input

    def prepare_for_execution(self) -> Any:
        """Return what one attempt works on."""
        raise NotImplementedError

    def unmap(self, resolve: Any) -> Any:
        """Return an operator that stands for one index; itself where the task is not mapped."""
        return self

    def add_inlets(self, inlets: Iterable[Any]) -> None:
        """Add to what the task reads."""
        self.inlets = [*self.inlets, *inlets]

    def add_outlets(self, outlets: Iterable[Any]) -> None:
        """Add to what the task writes."""
        self.outlets = [*self.outlets, *outlets]

    def get_inlet_defs(self) -> list[Any]:
        """Return what the task reads."""
        return list(self.inlets)

    def get_outlet_defs(self) -> list[Any]:
        """Return what the task writes."""
        return list(self.outlets)

    @property
    def extra_links(self) -> list[str]:
        """The names of the operator's links."""
        return sorted(link.name for link in self.operator_extra_links)

    def get_extra_links(self, ti: Any, link_name: str) -> str | None:
        """Return the address of one of the operator's links; None where it leads nowhere (yet)."""
        for link in self.operator_extra_links:
            if link.name == link_name:
                return str(link.get_link(self, ti_key=ti.key) or "") or None
        return None

    @property
    def priority_weight_total(self) -> int:
        """The weight of the task, with that of the tasks that its weight rule names."""
        if self.weight_rule == "absolute" or not self.has_dag():
            return self.priority_weight
        relatives = self.get_flat_relatives(upstream=self.weight_rule == "upstream")
        return self.priority_weight + sum(task.priority_weight for task in relatives)
