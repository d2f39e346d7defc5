"""DbApiHook, the class of hooks for databases with a driver of Python's DB-API."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlparse

from airflow.exceptions import AirflowException
from airflow.hooks.base import BaseHook
from airflow.providers.common.sql.hooks.handlers import (
    fetch_all_handler,
    fetch_one_handler,
    return_single_query_results,
)
from airflow.providers.common.sql.hooks.statements import split_statements

__all__ = [
    "ConnectorProtocol",
    "DbApiHook",
    "fetch_all_handler",
    "fetch_one_handler",
    "return_single_query_results",
]

SQL_PLACEHOLDERS = frozenset({"%s", "?"})


class ConnectorProtocol(Protocol):
    """A database driver."""

    def connect(
        self, host: str | None, port: int | None, username: str | None, schema: str | None
    ) -> Any:
        """Connect to a database."""


class DbApiHook(BaseHook):
    """A database. Subclasses name the driver in `connector`, or implement `get_conn`."""

    conn_name_attr: str
    default_conn_name = "default_conn_id"
    supports_autocommit = False
    supports_executemany = False
    connector: ConnectorProtocol | None = None
    _test_connection_sql = "select 1"
    _placeholder = "%s"

    def __init__(
        self, *args: Any, schema: str | None = None, log_sql: bool = True, **kwargs: Any
    ) -> None:
        super().__init__()
        name = getattr(self, "conn_name_attr", None)
        if not name:
            raise AirflowException(f"conn_name_attr is not defined on {type(self).__name__}")
        if len(args) == 1:
            setattr(self, name, args[0])
        else:
            setattr(self, name, kwargs.get(name, self.default_conn_name))
        self.__schema = schema
        self.log_sql = log_sql
        self.descriptions: list[Any] = []
        self._insert_statement_format = kwargs.get(
            "insert_statement_format", "INSERT INTO {} {} VALUES ({})"
        )
        self._replace_statement_format = kwargs.get(
            "replace_statement_format", "REPLACE INTO {} {} VALUES ({})"
        )

    def get_conn_id(self) -> str:
        """Return the id of the connection."""
        conn_id: str = getattr(self, self.conn_name_attr)
        return conn_id

    @property
    def placeholder(self) -> str:
        """What stands for a value in a statement."""
        return self._placeholder

    @property
    def last_description(self) -> Any:
        """The columns of the last result."""
        return self.descriptions[-1] if self.descriptions else None

    def get_conn(self) -> Any:
        """Return a new connection."""
        connection = self.get_connection(self.get_conn_id())
        if self.connector is None:
            raise RuntimeError(f"{type(self).__name__} didn't have `self.connector` set!")
        return self.connector.connect(
            host=connection.host,
            port=connection.port,
            username=connection.login,
            schema=connection.schema,
        )

    def get_uri(self) -> str:
        """Return the connection as a URI."""
        connection = self.get_connection(self.get_conn_id())
        if self.__schema:
            connection.schema = self.__schema
        return connection.get_uri()

    def get_sqlalchemy_engine(self, engine_kwargs: dict[str, Any] | None = None) -> Any:
        """Return an SQLAlchemy engine; SQLAlchemy must be installed."""
        from sqlalchemy import create_engine

        return create_engine(self.get_uri(), **(engine_kwargs or {}))

    def get_pandas_df(self, sql: Any, parameters: Any = None, **kwargs: Any) -> Any:
        """Return the result as a data frame; pandas must be installed."""
        try:
            from pandas.io import sql as pandas_sql
        except ImportError:
            raise AirflowException("get_pandas_df needs the package pandas; install it") from None
        with contextlib.closing(self.get_conn()) as conn:
            return pandas_sql.read_sql(sql, con=conn, params=parameters, **kwargs)

    def get_df(self, sql: Any, parameters: Any = None, **kwargs: Any) -> Any:
        """Return the result as a data frame, under its newer name."""
        return self.get_pandas_df(sql, parameters, **kwargs)

    def get_records(self, sql: str | list[str], parameters: Any = None) -> Any:
        """Return all rows."""
        return self.run(sql, parameters=parameters, handler=fetch_all_handler)

    def get_first(self, sql: str | list[str], parameters: Any = None) -> Any:
        """Return the first row."""
        return self.run(sql, parameters=parameters, handler=fetch_one_handler)

    @staticmethod
    def strip_sql_string(sql: str) -> str:
        """Return a statement without spaces around it and semicolon after it."""
        return sql.strip().rstrip(";")

    @staticmethod
    def split_sql_string(sql: str, strip_semicolon: bool = False) -> list[str]:
        """Return the statements of a text."""
        return split_statements(sql, strip_semicolon)

    def run(
        self,
        sql: str | Iterable[str],
        autocommit: bool = False,
        parameters: Iterable[Any] | Mapping[str, Any] | None = None,
        handler: Callable[[Any], Any] | None = None,
        split_statements: bool = False,
        return_last: bool = True,
    ) -> Any:
        """Run one statement or several; return what `handler` makes of the cursor.

        :param split_statements: `sql` is a text of several statements.
        :param return_last: return only the last result.
        """
        self.descriptions = []
        statements = self._as_statements(sql, split_statements)
        if not statements:
            raise ValueError("List of SQL statements is empty")
        results = []
        with self._create_autocommit_connection(autocommit) as conn:
            with contextlib.closing(conn.cursor()) as cursor:
                for statement in statements:
                    self._run_command(cursor, statement, parameters)
                    if handler is not None:
                        results.append(self._make_common_data_structure(handler(cursor)))
                        self.descriptions.append(cursor.description)
            if not self.get_autocommit(conn):
                conn.commit()
        if handler is None:
            return None
        if return_single_query_results(sql, return_last, split_statements):
            return results[-1]
        return results

    def _as_statements(self, sql: str | Iterable[str], split: bool) -> list[str]:
        if not isinstance(sql, str):
            return list(sql)
        if split:
            return self.split_sql_string(sql)
        return [sql] if sql.strip() else []

    def _make_common_data_structure(self, result: Any) -> Any:
        """Return the rows of a driver as tuples; for subclasses."""
        return result

    def _run_command(self, cur: Any, sql_statement: str, parameters: Any) -> None:
        if self.log_sql:
            self.log.info("Running statement: %s, parameters: %s", sql_statement, parameters)
        if parameters:
            cur.execute(sql_statement, parameters)
        else:
            cur.execute(sql_statement)
        if getattr(cur, "rowcount", -1) >= 0:
            self.log.info("Rows affected: %s", cur.rowcount)

    @contextlib.contextmanager
    def _create_autocommit_connection(self, autocommit: bool = False) -> Iterator[Any]:
        with contextlib.closing(self.get_conn()) as conn:
            if self.supports_autocommit:
                self.set_autocommit(conn, autocommit)
            yield conn

    def set_autocommit(self, conn: Any, autocommit: bool) -> None:
        """Have each statement committed at once, or not."""
        if not self.supports_autocommit and autocommit:
            self.log.warning(
                "%s connection doesn't support autocommit but autocommit activated.",
                self.get_conn_id(),
            )
        conn.autocommit = autocommit

    def get_autocommit(self, conn: Any) -> bool:
        """Tell whether each statement is committed at once."""
        return bool(getattr(conn, "autocommit", False)) and self.supports_autocommit

    def get_cursor(self) -> Any:
        """Return a cursor of a new connection."""
        return self.get_conn().cursor()

    def _generate_insert_sql(
        self, table: str, values: Sequence[Any], target_fields: Any, replace: bool, **_: Any
    ) -> str:
        holders = ",".join([self.placeholder] * len(values))
        fields = f"({', '.join(target_fields)})" if target_fields else ""
        form = self._replace_statement_format if replace else self._insert_statement_format
        statement: str = form.format(table, fields, holders)
        return statement

    def insert_rows(
        self,
        table: str,
        rows: Iterable[Sequence[Any]],
        target_fields: Any = None,
        commit_every: int = 1000,
        replace: bool = False,
        *,
        executemany: bool = False,
        autocommit: bool = False,
        **kwargs: Any,
    ) -> None:
        """Insert rows into a table, in transactions of `commit_every` rows (0: one for all)."""
        count = 0
        with self._create_autocommit_connection(autocommit) as conn:
            conn.commit()
            with contextlib.closing(conn.cursor()) as cursor:
                for part in _parts(rows, commit_every):
                    values = [
                        tuple(self._serialize_cell(cell, conn) for cell in row) for row in part
                    ]
                    statement = self._generate_insert_sql(
                        table, values[0], target_fields, replace, **kwargs
                    )
                    cursor.executemany(statement, values)
                    conn.commit()
                    count += len(part)
                    self.log.info("Loaded %s rows into %s so far", count, table)
        self.log.info("Done loading. Loaded a total of %s rows into %s", count, table)

    @staticmethod
    def _serialize_cell(cell: Any, conn: Any = None) -> Any:
        """Return a value as the driver takes it; for subclasses."""
        return None if cell is None else str(cell)

    def bulk_dump(self, table: str, tmp_file: str) -> None:
        """Write a table to a file; for subclasses."""
        raise NotImplementedError

    def bulk_load(self, table: str, tmp_file: str) -> None:
        """Read a file into a table; for subclasses."""
        raise NotImplementedError

    def test_connection(self) -> tuple[bool, str]:
        """Return whether the database answers, and what to tell people."""
        try:
            self.get_first(self._test_connection_sql)
        except Exception as error:
            return False, str(error)
        return True, "Connection successfully tested"

    @staticmethod
    def get_openlineage_authority_part(connection: Any, default_port: int | None = None) -> str:
        """Return host and port of a connection."""
        host, port = connection.host, connection.port or default_port
        if urlparse(host).hostname:
            host = urlparse(host).hostname
        return f"{host}:{port}" if port else str(host)


def _parts(rows: Iterable[Any], size: int) -> Generator[list[Any], None, None]:
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if size and len(part) >= size:
            yield part
            part = []
    if part:
        yield part
