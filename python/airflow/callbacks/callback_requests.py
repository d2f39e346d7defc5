"""Requests to call back, as executors of provider packages make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class CallbackRequest:
    """Asks that a file's callback be called."""

    full_filepath: str
    msg: str | None = None


@dataclass
class TaskCallbackRequest(CallbackRequest):
    """Asks that a task's callback be called."""

    simple_task_instance: Any = None
    is_failure_callback: bool | None = True


@dataclass
class DagCallbackRequest(CallbackRequest):
    """Asks that a DAG's callback be called."""

    dag_id: str = ""
    run_id: str = ""
    is_failure_callback: bool | None = True


@dataclass
class SlaCallbackRequest(CallbackRequest):
    """Asks that the callback for a missed SLA be called."""

    dag_id: str = ""
