"""`@task_group`: a function whose tasks form a group."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from airflow.models.taskmixin import DependencyMixin
from airflow.utils.task_group import TaskGroup


class TaskGroupDecorator:
    """A decorated function. Each call creates a group and returns what the function returns."""

    def __init__(self, function: Callable[..., Any], arguments: dict[str, Any]) -> None:
        self.function = function
        self.arguments = arguments
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        arguments: dict[str, Any] = {
            "group_id": self.function.__name__,
            "add_suffix_on_collision": True,
            "tooltip": inspect.getdoc(self.function) or "",
            **self.arguments,
        }
        with TaskGroup(**arguments) as group:
            returned = self.function(*args, **kwargs)
        # A result that tasks can follow stands for itself, so that it can be passed on.
        return returned if isinstance(returned, DependencyMixin) else group

    def override(self, **kwargs: Any) -> TaskGroupDecorator:
        """Return the same with other arguments of the group."""
        return TaskGroupDecorator(self.function, {**self.arguments, **kwargs})


def task_group(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Turn a function that creates tasks into a factory of task groups."""
    if python_callable is not None:
        return TaskGroupDecorator(python_callable, kwargs)
    return lambda function: TaskGroupDecorator(function, kwargs)
