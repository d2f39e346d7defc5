"""The module name that Airflow 1 had for `airflow.operators.python`."""

from __future__ import annotations

from airflow.operators.python import *  # noqa: F403
from airflow.utils.deprecation import warn_removed

warn_removed("This module is deprecated. Please use `airflow.operators.python`.")
