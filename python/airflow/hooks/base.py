"""BaseHook, the class of all hooks."""

from __future__ import annotations

from typing import Any

from airflow.models.connection import Connection
from airflow.utils.log.logging_mixin import LoggingMixin
from airflow.utils.user_warnings import warn_removed


class BaseHook(LoggingMixin):
    """An interface to another system, which a connection describes."""

    def __init__(self, logger_name: str | None = None) -> None:
        super().__init__()
        self._log_config_logger_name = "airflow.task.hooks"
        self._logger_name = logger_name

    @classmethod
    def get_connections(cls, conn_id: str) -> list[Connection]:
        """Return the connection with this id, in a list."""
        warn_removed(
            "`BaseHook.get_connections` method will be deprecated in the future. Please use "
            "`BaseHook.get_connection` instead."
        )
        return [cls.get_connection(conn_id)]

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """Return the connection with this id."""
        return Connection.get_connection_from_secrets(conn_id)

    @classmethod
    def get_hook(cls, conn_id: str, hook_params: dict[str, Any] | None = None) -> Any:
        """Return the hook for the connection with this id."""
        return cls.get_connection(conn_id).get_hook(hook_params=hook_params)

    def get_conn(self) -> Any:
        """Return the client of the other system; for subclasses."""
        raise NotImplementedError

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Return the fields that a form for connections of this type adds: none."""
        return {}

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Return how a form for connections of this type differs: not at all."""
        return {}


class DiscoverableHook:
    """What a hook says of itself to be found by the type of a connection; for type checkers."""

    conn_name_attr: str
    default_conn_name: str
    conn_type: str
    hook_name: str
