"""The context under its path in Airflow 3."""

from __future__ import annotations

from airflow._lazy import lazy_exports
from airflow.utils.context import Context, context_merge

__all__ = ["Context", "context_merge", "get_current_context", "get_parsing_context"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AirflowParsingContext": "airflow.utils.dag_parsing_context",
        "get_current_context": "airflow.models.taskinstance",
        "get_parsing_context": "airflow.utils.dag_parsing_context",
    },
)
