"""SQL operators, which Airflow has moved to `airflow.providers.common.sql.operators.sql`."""

from __future__ import annotations

from airflow._lazy import lazy_exports
from airflow.utils.user_warnings import warn_removed

_NEW = "airflow.providers.common.sql.operators.sql"
__all__ = [
    "BaseSQLOperator",
    "BranchSQLOperator",
    "SQLCheckOperator",
    "SQLColumnCheckOperator",
    "SQLExecuteQueryOperator",
    "SQLIntervalCheckOperator",
    "SQLTableCheckOperator",
    "SQLThresholdCheckOperator",
    "SQLValueCheckOperator",
    "parse_boolean",
]

__getattr__, __dir__ = lazy_exports(__name__, dict.fromkeys(__all__, _NEW))

warn_removed(f"This module is deprecated. Please use `{_NEW}`.")
