"""Names of Airflow's database helpers; tasks have no access to the database."""

from __future__ import annotations

from typing import Any

from airflow.exceptions import AirflowException
from airflow.models._database import ADVICE
from airflow.utils.session import create_session, provide_session

__all__ = ["create_session", "initdb", "merge_conn", "provide_session", "resetdb"]


def merge_conn(conn: Any, session: Any = None) -> None:
    """Refuse to store a connection."""
    raise AirflowException(
        f"connection {conn.conn_id!r} cannot be stored: {ADVICE}; use `beeflow connections add`"
    )


def initdb(*_: Any, **__: Any) -> None:
    """Do nothing: Beeflow creates its database itself."""


def resetdb(*_: Any, **__: Any) -> None:
    """Refuse to delete the database."""
    raise AirflowException(f"the database cannot be reset: {ADVICE}")
