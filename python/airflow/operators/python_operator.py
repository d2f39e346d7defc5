"""The module name that Airflow 1 had for `airflow.operators.python`."""

from __future__ import annotations

from airflow.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
from airflow.utils.user_warnings import warn_removed

__all__ = ["BranchPythonOperator", "PythonOperator", "ShortCircuitOperator"]

warn_removed("This module is deprecated. Please use `airflow.operators.python`.")
