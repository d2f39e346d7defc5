"""BaseHook, the class of all hooks."""

from __future__ import annotations

from typing import Any

from airflow.models.connection import Connection
from airflow.utils.log.logging_mixin import LoggingMixin


class BaseHook(LoggingMixin):
    """An interface to another system, which a connection describes."""

    def __init__(self, logger_name: str | None = None) -> None:
        self._logger_name = logger_name

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """Return the connection with this id."""
        return Connection.get_connection_from_secrets(conn_id)

    def get_conn(self) -> Any:
        """Return the client of the other system; for subclasses."""
        raise NotImplementedError
