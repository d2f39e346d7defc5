"""`Operator`, the name for anything that can be a task of a DAG."""

from __future__ import annotations

from airflow.models.baseoperator import BaseOperator

Operator = BaseOperator
