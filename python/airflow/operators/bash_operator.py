"""The module name that Airflow 1 had for `airflow.operators.bash`."""

from __future__ import annotations

from airflow.operators.bash import BashOperator
from airflow.utils.user_warnings import warn_removed

__all__ = ["BashOperator"]

warn_removed("This module is deprecated. Please use `airflow.operators.bash`.")
