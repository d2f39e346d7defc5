"""The one door through which authoring code reaches the engine that runs it.

The process that imports DAG files and executes tasks attaches an `Engine`; everywhere else (a unit
test, an interactive shell) none is attached, and what needs one says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from airflow.exceptions import AirflowException


class Engine(Protocol):
    """What a running task may ask of the engine. Values are JSON values; None means absent."""

    def xcom_get(self, *, dag_id: str, run_id: str, task_id: str, map_index: int, key: str) -> Any:
        ...

    def variable_get(self, key: str) -> str | None:
        ...

    def request(self, method: str, **params: Any) -> Any:
        """Make any other request of docs/formats/environment-protocol.md.

        AirflowException with the engine's message where it answers with an error.
        """

    def skip_tasks(self, task_ids: Iterable[str]) -> None:
        """Have these tasks of the same DAG run skipped once the current attempt has ended."""


_attached: Engine | None = None


def attach(engine: Engine | None) -> None:
    """Make `engine` the one that authoring code reaches; None detaches it."""
    global _attached
    _attached = engine


def attached() -> Engine | None:
    """Return the attached engine, or None outside of one."""
    return _attached


def require(purpose: str) -> Engine:
    """Return the attached engine, or raise an error that names what it was needed for."""
    if _attached is None:
        raise AirflowException(f"{purpose} works only while a task runs under Beeflow")
    return _attached
