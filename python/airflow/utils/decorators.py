"""`apply_defaults` of Airflow 1, and what task decorators of provider packages are made with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from airflow.utils.user_warnings import warn_removed

T = TypeVar("T", bound=Callable[..., object])


def apply_defaults(func: T) -> T:
    """Return `func` as it is: default arguments are applied to every operator."""
    warn_removed(
        "This decorator is deprecated. In previous versions, all subclasses of BaseOperator must "
        "use apply_default decorator for the `default_args` feature to work properly. In current "
        "version, it is optional. The decorator is applied automatically using the metaclass."
    )
    return func


def remove_task_decorator(python_source: str, task_decorator_name: str) -> str:
    """Return the source of a function without its task decorators.

    These are the one with this name, such as `@task.docker`, and the setup and teardown
    decorators. Other decorators stay.
    """
    import ast

    removed = {task_decorator_name.lstrip("@"), "setup", "teardown"}
    removed |= {"task.skip_if", "task.run_if"}
    lines = python_source.splitlines(keepends=True)
    for decorator in getattr(ast.parse(python_source).body[0], "decorator_list", ()):
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(named) in removed:
            last = decorator.end_lineno or decorator.lineno
            for number in range(decorator.lineno - 1, last):
                lines[number] = ""
    return "".join(lines)


def fixup_decorator_warning_stack(func: Any) -> None:
    """Do nothing: warnings name the line of the user, whatever decorators lie between."""
