"""Task groups: tasks that are named, linked and shown together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowException, DuplicateTaskIdFound, TaskAlreadyInTaskGroup
from airflow.models.taskmixin import DependencyMixin
from airflow.utils.helpers import validate_group_key

if TYPE_CHECKING:
    from airflow.models.abstractoperator import AbstractOperator
    from airflow.models.dag import DAG
    from airflow.models.expandinput import ExpandInput


class TaskGroup(DependencyMixin):
    """A collection of tasks: `with TaskGroup("group") as group: ...`.

    Ids of its tasks are prefixed with that of the group (`group.task`) unless `prefix_group_id`
    is false. A dependency of the group is one of all its first or last tasks.
    """

    is_mapped = False

    def __init__(
        self,
        group_id: str | None,
        prefix_group_id: bool = True,
        parent_group: TaskGroup | None = None,
        dag: DAG | None = None,
        default_args: dict[str, Any] | None = None,
        tooltip: str = "",
        ui_color: str = "CornflowerBlue",
        ui_fgcolor: str = "#000",
        add_suffix_on_collision: bool = False,
    ) -> None:
        from airflow.models.dag import DagContext

        self.prefix_group_id = prefix_group_id
        self.default_args = dict(default_args or {})
        self.tooltip = tooltip
        self.ui_color = ui_color
        self.ui_fgcolor = ui_fgcolor
        self.children: dict[str, AbstractOperator | TaskGroup] = {}
        self._group_id = group_id
        if group_id is None:  # the root group of a DAG
            self.parent_group = None
            self.dag = dag
            self.used_group_ids: set[str] = set()
            return
        validate_group_key(group_id)
        self.dag = dag or (parent_group.dag if parent_group else DagContext.get_current_dag())
        if self.dag is None:
            raise AirflowException(f"TaskGroup {group_id!r} can only be used inside a dag")
        self.parent_group = (
            parent_group or TaskGroupContext.get_current_task_group(self.dag) or self.dag.task_group
        )
        self.used_group_ids = self.parent_group.used_group_ids
        self._claim_id(add_suffix_on_collision)
        self.parent_group.add(self)

    @classmethod
    def create_root(cls, dag: DAG) -> TaskGroup:
        """Create the group that holds everything of a DAG that is in no other group."""
        return cls(group_id=None, dag=dag)

    @property
    def is_root(self) -> bool:
        """Whether this is the root group of its DAG."""
        return self._group_id is None

    @property
    def group_id(self) -> str | None:
        """Full id of the group; None for the root group."""
        parent = self.parent_group
        if parent is None or not parent.prefix_group_id or parent.group_id is None:
            return self._group_id
        return parent.child_id(self._group_id or "")

    node_id = group_id
    task_group_id = group_id

    @property
    def label(self) -> str | None:
        """Id of the group without that of its parent."""
        return self._group_id

    def child_id(self, label: str) -> str:
        """Return the id that a task or group with this label has in the group."""
        if self.prefix_group_id and self.group_id:
            return f"{self.group_id}.{label}"
        return label

    @property
    def upstream_join_id(self) -> str:
        """Id of the point at which edges into the group meet, in a drawing of the graph."""
        return f"{self.group_id}.upstream_join_id"

    @property
    def downstream_join_id(self) -> str:
        """Id of the point at which edges out of the group meet, in a drawing of the graph."""
        return f"{self.group_id}.downstream_join_id"

    def add(self, task: AbstractOperator | TaskGroup) -> None:
        """Add a task or group to this group."""
        key = str(task.group_id) if isinstance(task, TaskGroup) else task.task_id
        existing = task.parent_group if isinstance(task, TaskGroup) else task.task_group
        if existing is not None and existing is not self:
            raise TaskAlreadyInTaskGroup(key, existing.group_id, self.group_id)
        if key in self.children:
            kind = "Group" if isinstance(self.children[key], TaskGroup) else "Task"
            raise DuplicateTaskIdFound(f"{kind} id '{key}' has already been added to the DAG")
        self.children[key] = task

    def get_roots(self) -> Iterator[AbstractOperator]:
        """Yield the tasks that have no upstream task within the group."""
        inside = {task.task_id for task in self.iter_tasks()}
        for task in self.iter_tasks():
            if inside.isdisjoint(task.upstream_task_ids):
                yield task

    def get_leaves(self) -> Iterator[AbstractOperator]:
        """Yield the tasks that have no downstream task within the group.

        What follows the group does not wait for its teardowns, but for the work before them.
        """
        tasks = {task.task_id: task for task in self.iter_tasks()}
        found: dict[str, AbstractOperator] = {}
        for task in tasks.values():
            if tasks.keys().isdisjoint(task.downstream_task_ids):
                found.update(
                    _work_before(task, tasks) if task.is_teardown else {task.task_id: task}
                )
        yield from found.values()

    @property
    def roots(self) -> Sequence[AbstractOperator]:
        return list(self.get_roots())

    @property
    def leaves(self) -> Sequence[AbstractOperator]:
        return list(self.get_leaves())

    def iter_mapped_task_groups(self) -> Iterator[MappedTaskGroup]:
        """Yield this group and those around it, as far as they are mapped, innermost first."""
        group: TaskGroup | None = self
        while group is not None:
            if isinstance(group, MappedTaskGroup):
                yield group
            group = group.parent_group

    def as_setup(self) -> Any:
        """Raise an error: only tasks can be setups."""
        raise AirflowException(f"TaskGroup {self.group_id} cannot be a setup; only a task can")

    def as_teardown(self, **kwargs: Any) -> Any:
        """Raise an error: only tasks can be teardowns."""
        raise AirflowException(f"TaskGroup {self.group_id} cannot be a teardown; only a task can")

    def __iter__(self) -> Iterator[AbstractOperator]:
        return self.iter_tasks()

    def iter_tasks(self) -> Iterator[AbstractOperator]:
        """Yield the tasks of the group and of the groups in it."""
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                yield from child.iter_tasks()
            else:
                yield child

    def get_child_by_label(self, label: str) -> AbstractOperator | TaskGroup:
        """Return the task or group that has this label in the group."""
        return self.children[self.child_id(label)]

    def get_task_group_dict(self) -> dict[str | None, TaskGroup]:
        """Return this group and all groups in it by id."""
        groups: dict[str | None, TaskGroup] = {self.group_id: self}
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                groups.update(child.get_task_group_dict())
        return groups

    def has_task(self, task: AbstractOperator) -> bool:
        """Tell whether `task` is in the group, or in a group in it."""
        return any(member is task for member in self.iter_tasks())

    def __enter__(self) -> TaskGroup:
        TaskGroupContext.push_context_managed_task_group(self)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        TaskGroupContext.pop_context_managed_task_group()

    def __repr__(self) -> str:
        return f"<TaskGroup: {self.group_id}>"

    def _claim_id(self, add_suffix_on_collision: bool) -> None:
        if self.group_id in self.used_group_ids:
            if not add_suffix_on_collision:
                raise DuplicateTaskIdFound(
                    f"group_id '{self.group_id}' has already been added to the DAG"
                )
            self._group_id = self._free_label()
        self.used_group_ids.add(self.group_id or "")

    def _free_label(self) -> str:
        """Return the label with the first suffix `__1`, `__2`, ... that is free."""
        assert self.parent_group is not None  # only the root group has none, and it has no label
        base = re.split(r"__\d+$", self._group_id or "")[0]
        number = 1
        while self.parent_group.child_id(f"{base}__{number}") in self.used_group_ids:
            number += 1
        return f"{base}__{number}"


class MappedTaskGroup(TaskGroup):
    """A group of which there is one instance for each set of arguments that its input gives."""

    is_mapped = True

    def __init__(self, *, expand_input: ExpandInput, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.expand_input = expand_input
        parent = self.parent_group
        if parent is not None and next(parent.iter_mapped_task_groups(), None) is not None:
            raise NotImplementedError(
                f"task group {self.group_id}: task mapping in mapped task group not yet supported"
            )

    def iter_mapped_references(self) -> Iterator[tuple[Any, str]]:
        """Yield the (operator, key) pairs whose results the number of instances depends on."""
        yield from self.expand_input.iter_length_references()

    def __exit__(self, *error: Any) -> None:
        for operator, _ in self.expand_input.iter_references():
            self.set_upstream(operator)
        for task in self.iter_tasks():
            if task.trigger_rule == "always":
                raise ValueError(
                    f"task {task.task_id}: tasks in a mapped task group cannot have trigger_rule "
                    "set to 'ALWAYS'"
                )
        super().__exit__(*error)


def _work_before(
    teardown: AbstractOperator, tasks: dict[str, AbstractOperator]
) -> dict[str, AbstractOperator]:
    """Return the tasks of a group that a teardown at its end cleans up after."""
    found: dict[str, AbstractOperator] = {}
    for task_id in sorted(teardown.upstream_task_ids & tasks.keys()):
        task = tasks[task_id]
        if task.is_teardown:
            found.update(_work_before(task, tasks))
        elif not task.is_setup:
            found[task_id] = task
    return found


class TaskGroupContext:
    """The stack of task groups whose `with` blocks we are in."""

    _stack: list[TaskGroup] = []

    @classmethod
    def push_context_managed_task_group(cls, task_group: TaskGroup) -> None:
        """Enter the `with` block of a group."""
        cls._stack.append(task_group)

    @classmethod
    def pop_context_managed_task_group(cls) -> TaskGroup:
        """Leave the innermost `with` block."""
        return cls._stack.pop()

    @classmethod
    def leave_all(cls) -> None:
        """Leave every block; a file that failed to import may not have."""
        cls._stack.clear()

    @classmethod
    def get_current_task_group(cls, dag: DAG | None) -> TaskGroup | None:
        """Return the group that a new task of `dag` belongs to."""
        if cls._stack and (dag is None or cls._stack[-1].dag is dag):
            return cls._stack[-1]
        return dag.task_group if dag is not None else None
