"""Variable under its path in Airflow 3."""

from __future__ import annotations

from airflow.models.variable import Variable

__all__ = ["Variable"]
