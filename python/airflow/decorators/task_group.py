"""`@task_group`: a function whose tasks form a group."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from airflow.models.expandinput import (
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
    MappedArgument,
)
from airflow.models.mappedoperator import check_expand_arguments, check_not_repeated
from airflow.utils.task_group import MappedTaskGroup, TaskGroup


class TaskGroupDecorator:
    """A decorated function. Each call creates a group and returns what the function returns."""

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: dict[str, Any],
        partial_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self.function = function
        self.arguments = arguments
        self.partial_kwargs = dict(partial_kwargs or {})
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._create(TaskGroup, args, {**self.partial_kwargs, **kwargs})

    def override(self, **kwargs: Any) -> TaskGroupDecorator:
        """Return the same with other arguments of the group."""
        return TaskGroupDecorator(self.function, {**self.arguments, **kwargs}, self.partial_kwargs)

    def partial(self, **kwargs: Any) -> TaskGroupDecorator:
        """Fix arguments of a group that is then mapped."""
        self._check_known("partial", kwargs)
        check_not_repeated(self.partial_kwargs, kwargs, ())
        return TaskGroupDecorator(self.function, self.arguments, {**self.partial_kwargs, **kwargs})

    def expand(self, **kwargs: Any) -> Any:
        """Create a group with one instance for each item of the product of these arguments."""
        check_expand_arguments(kwargs)
        self._check_known("expand", kwargs)
        check_not_repeated(self.partial_kwargs, kwargs, ())
        return self._create_mapped(DictOfListsExpandInput(kwargs), kwargs)

    def expand_kwargs(self, kwargs: Any) -> Any:
        """Create a group with one instance for each set of arguments in a list."""
        names = inspect.signature(self.function).parameters
        mapped = [name for name in names if name not in self.partial_kwargs]
        return self._create_mapped(ListOfDictsExpandInput(kwargs), mapped)

    def _create_mapped(self, expand_input: ExpandInput, names: Iterable[str]) -> Any:
        mapped = {name: MappedArgument(expand_input, name) for name in names}
        factory = functools.partial(MappedTaskGroup, expand_input=expand_input)
        return self._create(factory, (), {**self.partial_kwargs, **mapped})

    def _create(
        self, factory: Callable[..., TaskGroup], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Any:
        arguments: dict[str, Any] = {
            "group_id": self.function.__name__,
            "add_suffix_on_collision": True,
            "tooltip": inspect.getdoc(self.function) or "",
            **self.arguments,
        }
        with factory(**arguments) as group:
            returned = self.function(*args, **kwargs)
        # What the function returns, tasks or a dict or tuple of them, is for those who call it.
        return group if returned is None else returned

    def _check_known(self, method: str, kwargs: Mapping[str, Any]) -> None:
        parameters = inspect.signature(self.function).parameters
        if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            return
        unknown = sorted(kwargs.keys() - parameters.keys())
        if unknown:
            noun = "an unexpected keyword argument" if len(unknown) == 1 else "unexpected arguments"
            raise TypeError(f"{method}() got {noun} {', '.join(map(repr, unknown))}")


def task_group(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Turn a function that creates tasks into a factory of task groups.

    Keyword arguments are those of TaskGroup; its id is the name of the function unless given.
    """
    if isinstance(python_callable, str):  # @task_group("group_id")
        kwargs["group_id"] = python_callable
    elif python_callable is not None:
        return TaskGroupDecorator(python_callable, kwargs)
    return lambda function: TaskGroupDecorator(function, kwargs)
