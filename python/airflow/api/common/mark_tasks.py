"""Setting states of tasks and runs: names that DAG files import; the functions refuse to work."""

from __future__ import annotations

from typing import Any, NoReturn

from airflow.exceptions import AirflowException


def _refuse(function: str, verb: str) -> NoReturn:
    raise AirflowException(
        f"{function}(): tasks cannot set the states of others under Beeflow; use `beeflow {verb}`"
    )


def set_state(*_: Any, **__: Any) -> NoReturn:
    """Refuse: tasks cannot set states."""
    _refuse("set_state", "tasks clear")


def set_dag_run_state_to_success(*_: Any, **__: Any) -> NoReturn:
    """Refuse: tasks cannot set states."""
    _refuse("set_dag_run_state_to_success", "tasks clear")


def set_dag_run_state_to_failed(*_: Any, **__: Any) -> NoReturn:
    """Refuse: tasks cannot set states."""
    _refuse("set_dag_run_state_to_failed", "tasks clear")


def set_dag_run_state_to_running(*_: Any, **__: Any) -> NoReturn:
    """Refuse: tasks cannot set states."""
    _refuse("set_dag_run_state_to_running", "tasks clear")
