"""SqliteHook: an SQLite database."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any
from urllib.parse import quote, urlencode

from airflow.providers.common.sql.hooks.sql import DbApiHook


class SqliteHook(DbApiHook):
    """An SQLite database: the host of the connection is the path of the file.

    Extra fields of the connection become parameters of SQLite's URI, `mode` for example.
    """

    conn_name_attr = "sqlite_conn_id"
    default_conn_name = "sqlite_default"
    conn_type = "sqlite"
    hook_name = "Sqlite"
    _placeholder = "?"

    def get_conn(self) -> sqlite3.Connection:
        """Return a new connection."""
        return sqlite3.connect(self._sqlite_uri(), uri=True)

    def _sqlite_uri(self) -> str:
        connection = self.get_connection(self.get_conn_id())
        path = self._find_path(connection)
        options = urlencode(connection.extra_dejson)
        return f"file:{quote(path)}" + (f"?{options}" if options else "")

    def get_uri(self) -> str:
        """Return the database as SQLAlchemy names it."""
        return f"sqlite:///{self._find_path(self.get_connection(self.get_conn_id()))}"

    @staticmethod
    def _find_path(connection: Any) -> str:
        """Return the path of the file; where the connection was read from a URI, in two parts."""
        parts = [part for part in (connection.host, connection.schema) if part]
        return "/".join(parts) or ":memory:"

    def insert_rows(self, table: str, rows: Any, *args: Any, **kwargs: Any) -> None:
        """Insert rows into a table; values keep their types."""
        with contextlib.closing(rows) if hasattr(rows, "close") else contextlib.nullcontext():
            super().insert_rows(table, rows, *args, **kwargs)

    @staticmethod
    def _serialize_cell(cell: Any, conn: Any = None) -> Any:
        known = (type(None), int, float, str, bytes)
        return cell if isinstance(cell, known) else str(cell)
