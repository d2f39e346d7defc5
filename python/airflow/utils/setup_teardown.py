"""Setup and teardown tasks: marking them, and the `with` block of the work between them."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from airflow.utils.trigger_rule import TriggerRule
from airflow.utils.types import NOTSET, ArgNotSet

if TYPE_CHECKING:
    from airflow.models.abstractoperator import AbstractOperator


class SetupTeardownMixin:
    """Gives operators `as_setup`, `as_teardown` and `with task: ...`."""

    is_setup: bool = False
    is_teardown: bool = False
    on_failure_fail_dagrun: bool = False

    def as_setup(self) -> Any:
        """Make the task a setup task and return it."""
        self.is_setup = True
        return self

    def as_teardown(
        self,
        *,
        setups: Any = None,
        on_failure_fail_dagrun: bool | ArgNotSet = NOTSET,
    ) -> Any:
        """Make the task a teardown task, of `setups` if they are given, and return it."""
        self.is_teardown = True
        self.trigger_rule: str = TriggerRule.ALL_DONE_SETUP_SUCCESS
        if not isinstance(on_failure_fail_dagrun, ArgNotSet):
            self.on_failure_fail_dagrun = on_failure_fail_dagrun
        for setup in _as_list(setups):
            setup.as_setup()
            setup.set_downstream(self)
        return self

    def __enter__(self) -> Any:
        SetupTeardownContext.enter([self])
        return SetupTeardownContext

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        SetupTeardownContext.leave()


class _Scope:
    """One `with` block: its setups and teardowns, and the tasks that were created in it."""

    def __init__(self, setups: list[Any], teardowns: list[Any]) -> None:
        self.setups = setups
        self.teardowns = teardowns
        self.tasks: list[Any] = []

    def link(self) -> None:
        """Have the tasks of the block run between the setups and the teardowns."""
        own = {id(task) for task in (*self.setups, *self.teardowns)}
        work = [task for task in self.tasks if id(task) not in own]
        inside = {task.task_id for task in work}
        for task in work:
            if self.setups and inside.isdisjoint(task.upstream_task_ids):
                task.set_upstream(self.setups)
            if self.teardowns and inside.isdisjoint(task.downstream_task_ids):
                task.set_downstream(self.teardowns)


class SetupTeardownContext:
    """The `with` blocks of setup and teardown tasks that we are in."""

    _scopes: list[_Scope] = []

    @classmethod
    def enter(cls, tasks: Iterable[Any]) -> None:
        """Enter the block of these setup or teardown tasks."""
        setups: dict[str, Any] = {}
        teardowns: dict[str, Any] = {}
        for task in tasks:
            (teardowns if task.is_teardown else setups)[task.task_id] = task
        for task in list(teardowns.values()):
            setups.update({up.task_id: up for up in task.upstream_list if up.is_setup})
        for task in list(setups.values()):
            teardowns.update({t.task_id: t for t in task.downstream_list if t.is_teardown})
        cls._scopes.append(_Scope(list(setups.values()), list(teardowns.values())))

    @classmethod
    def leave(cls) -> None:
        """Leave the innermost block and link its tasks."""
        scope = cls._scopes.pop()
        scope.link()
        if cls._scopes:  # the block around it holds them too
            cls._scopes[-1].tasks += scope.tasks

    @classmethod
    def leave_all(cls) -> None:
        """Leave every block; a file that failed to import may not have."""
        cls._scopes.clear()

    @classmethod
    def add_task(cls, task: Any) -> None:
        """Have an existing task belong to the innermost block."""
        if cls._scopes:
            cls._scopes[-1].tasks.append(getattr(task, "operator", task))

    @classmethod
    def note_created(cls, task: AbstractOperator) -> None:
        """Have a task that was just created belong to the innermost block, if there is one."""
        if cls._scopes:
            cls._scopes[-1].tasks.append(task)


def _as_list(tasks: Any) -> list[Any]:
    if tasks is None:
        return []
    return list(tasks) if isinstance(tasks, (list, tuple, set)) else [tasks]
