"""BaseSecretsBackend, the class of all places that keep variables and connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.models.connection import Connection


class BaseSecretsBackend:
    """A place that keeps variables and connections; a subclass overrides what it offers."""

    def __init__(self, **kwargs: Any) -> None:
        """Accept the keywords of `[secrets] backend_kwargs` that a subclass does not take."""

    @staticmethod
    def build_path(path_prefix: str, secret_id: str, sep: str = "/") -> str:
        """Return the path of a secret below a prefix."""
        return f"{path_prefix}{sep}{secret_id}"

    def get_conn_value(self, conn_id: str) -> str | None:
        """Return the URI or JSON text of a connection, or None; for subclasses."""
        raise NotImplementedError

    def deserialize_connection(self, conn_id: str, value: str) -> Connection:
        """Return the connection that a URI or JSON text describes."""
        from airflow.models.connection import Connection

        value = value.strip()
        if value.startswith("{"):
            return Connection.from_json(value, conn_id=conn_id)
        return Connection(conn_id=conn_id, uri=value)

    def get_conn_uri(self, conn_id: str) -> str | None:
        """Return the URI of a connection, the older way to write a backend."""
        raise NotImplementedError

    def get_connection(self, conn_id: str) -> Connection | None:
        """Return a connection, or None where this backend has none with the id."""
        try:
            value = self.get_conn_value(conn_id)
        except NotImplementedError:
            value = self._conn_uri_or_none(conn_id)
        return self.deserialize_connection(conn_id, value) if value else None

    def _conn_uri_or_none(self, conn_id: str) -> str | None:
        try:
            return self.get_conn_uri(conn_id)
        except NotImplementedError:
            return None

    def get_connections(self, conn_id: str) -> list[Connection]:
        """Return the connection with the id as a list of none or one."""
        connection = self.get_connection(conn_id)
        return [connection] if connection is not None else []

    def get_variable(self, key: str) -> str | None:
        """Return the text of a variable, or None; for subclasses."""
        raise NotImplementedError

    def get_config(self, key: str) -> str | None:
        """Return the value of a setting that is kept as a secret, or None."""
        return None
