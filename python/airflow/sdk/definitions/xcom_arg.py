"""XComArg under its path in Airflow 3."""

from __future__ import annotations

from airflow.models.xcom_arg import XComArg

__all__ = ["XComArg"]
