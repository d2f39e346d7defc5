"""Connections: addresses and credentials of other systems."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from airflow.exceptions import AirflowNotFoundException


class Connection:
    """One connection, from its fields or from a URI."""

    EXTRA_KEY = "__extra__"

    def __init__(
        self,
        conn_id: str | None = None,
        conn_type: str | None = None,
        description: str | None = None,
        host: str | None = None,
        login: str | None = None,
        password: str | None = None,
        schema: str | None = None,
        port: int | None = None,
        extra: str | dict[str, Any] | None = None,
        uri: str | None = None,
    ) -> None:
        self.conn_id = conn_id
        self.conn_type = conn_type
        self.description = description
        self.host = host
        self.login = login
        self.password = password
        self.schema = schema
        self.port = None if port is None else int(port)
        self.extra = json.dumps(extra) if isinstance(extra, dict) else extra
        if uri is not None:
            self._read_uri(uri)

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """The extra fields as a dict."""
        fields: dict[str, Any] = json.loads(self.extra) if self.extra else {}
        return fields

    @classmethod
    def from_json(cls, value: str, conn_id: str | None = None) -> Connection:
        """Create a connection from a JSON object of its fields."""
        fields = json.loads(value)
        if "type" in fields:
            fields["conn_type"] = fields.pop("type")
        return cls(conn_id=conn_id, **fields)

    @classmethod
    def get_connection_from_secrets(cls, conn_id: str) -> Connection:
        """Return the connection of `AIRFLOW_CONN_<ID>`, a URI or a JSON object."""
        value = os.environ.get(f"AIRFLOW_CONN_{conn_id.upper()}")
        if value is None:
            raise AirflowNotFoundException(
                f"The conn_id `{conn_id}` isn't defined; set AIRFLOW_CONN_{conn_id.upper()}"
            )
        if value.lstrip().startswith("{"):
            return cls.from_json(value, conn_id)
        return cls(conn_id=conn_id, uri=value)

    def _read_uri(self, uri: str) -> None:
        parts = urlsplit(uri)
        self.conn_type = parts.scheme.replace("-", "_")
        self.host = unquote(parts.hostname) if parts.hostname else None
        self.schema = unquote(parts.path[1:]) if len(parts.path) > 1 else ""
        self.login = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password) if parts.password else None
        self.port = parts.port
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if query:
            self.extra = query.get(self.EXTRA_KEY) or json.dumps(query)

    def __repr__(self) -> str:
        return f"<Connection: {self.conn_id}>"
