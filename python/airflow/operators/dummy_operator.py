"""The module name that Airflow 1 had for `airflow.operators.dummy`."""

from __future__ import annotations

from airflow.operators.dummy import DummyOperator
from airflow.utils.user_warnings import warn_removed

__all__ = ["DummyOperator"]

warn_removed("This module is deprecated. Please use `airflow.operators.dummy`.")
