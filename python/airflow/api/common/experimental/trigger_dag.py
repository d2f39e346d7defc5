"""trigger_dag under its path in Airflow 1 and 2."""

from __future__ import annotations

from airflow.api.common.trigger_dag import trigger_dag

__all__ = ["trigger_dag"]
