"""Enumerations, where files of Airflow 3.0 import them from."""

from __future__ import annotations

from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.trigger_rule import TriggerRule
from airflow.utils.types import DagRunType
from airflow.utils.weight_rule import WeightRule

__all__ = ["DagRunState", "DagRunType", "TaskInstanceState", "TriggerRule", "WeightRule"]
