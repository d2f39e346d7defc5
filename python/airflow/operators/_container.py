"""What all operators share whose task is to run a container.

The engine runs the container, where it can without a Python process that waits for its end. Where
Python is needed all the same (callbacks, a derived class that does more), `execute` asks for it.
"""

from __future__ import annotations

import ast
import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow import _engine
from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.models.baseoperator import BaseOperator

if TYPE_CHECKING:
    from airflow.utils.context import Context

_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_MIB = 2**20


class BaseContainerOperator(BaseOperator):
    """Runs the container that `container_plan` describes."""

    def container_plan(self) -> dict[str, Any]:
        """Return what to run: the plan of kind `container` in docs/formats/serialized-dag.md."""
        raise NotImplementedError

    def execute(self, context: Context) -> Any:
        """Run the container and return what it gives as its value."""
        engine = _engine.require("Running a container")
        plan = self.container_plan()
        ended = engine.request("container_run", plan=plan)
        code = ended["exit_code"]
        if code == 0:
            return ended["value"]
        if code in plan.get("skip_exit_codes", ()):
            raise AirflowSkipException(f"Container returned exit code {code}. Skipping.")
        raise AirflowException(
            f"Container failed. The command returned a non-zero exit code {code}."
        )


def as_words(command: Any, name: str) -> list[str] | None:
    """Return a command as a list: a list, a text with a list in it, or words as in a shell."""
    if command is None:
        return None
    if isinstance(command, str):
        text = command.strip()
        if text.startswith("["):
            try:
                command = ast.literal_eval(text)
            except (SyntaxError, ValueError):
                raise AirflowException(f"{name} is no list: {text}") from None
        else:
            command = shlex.split(text)
    if not isinstance(command, Sequence):
        raise AirflowException(f"{name} must be a string or a list of strings, not {command!r}")
    return [str(word) for word in command]


def as_variables(variables: Any, name: str) -> dict[str, str]:
    """Return environment variables as strings."""
    if not variables:
        return {}
    if not isinstance(variables, Mapping):
        raise AirflowException(f"{name} must map names to values, not {variables!r}")
    return {str(key): str(value) for key, value in variables.items() if value is not None}


def as_mib(amount: Any, name: str) -> float | None:
    """Return an amount of memory in MiB: bytes, or text such as `128m`, `1.5g`, `512Mi`."""
    if amount is None or amount == "":
        return None
    if isinstance(amount, (int, float)):
        return amount / _MIB
    text = str(amount).strip().lower()
    number = text.rstrip("bkmgti")
    suffix = text[len(number) :].removesuffix("ib").removesuffix("i")
    suffix = suffix.removesuffix("b") or suffix
    try:
        return float(number) * _UNITS[suffix] / _MIB
    except (KeyError, ValueError):
        raise AirflowException(f"{name} is no amount of memory: {amount!r}") from None


def as_exit_codes(codes: int | Collection[int] | None) -> list[int]:
    """Return exit codes as a list."""
    if codes is None:
        return []
    return [codes] if isinstance(codes, int) else sorted(codes)


def without_none(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plan without what is not said."""
    return {key: value for key, value in plan.items() if value not in (None, {}, [], "")}
