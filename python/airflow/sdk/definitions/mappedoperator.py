"""MappedOperator under its path in Airflow 3."""

from __future__ import annotations

from airflow.models.mappedoperator import MappedOperator

__all__ = ["MappedOperator"]
