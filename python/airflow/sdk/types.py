"""Types under its path in Airflow 3."""

from __future__ import annotations

from airflow.models.dagrun import DagRun as DagRunProtocol
from airflow.models.taskinstance import TaskInstance as RuntimeTaskInstanceProtocol
from airflow.utils.types import NOTSET, ArgNotSet

__all__ = ["NOTSET", "ArgNotSet", "DagRunProtocol", "RuntimeTaskInstanceProtocol"]
