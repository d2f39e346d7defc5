"""GenericTransfer: copies rows from one database to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.hooks.base import BaseHook
from airflow.models.baseoperator import BaseOperator

if TYPE_CHECKING:
    from airflow.utils.context import Context


class GenericTransfer(BaseOperator):
    """Copy the result of a query into a table of another database. All rows are held in memory.

    :param sql: the query. (templated)
    :param destination_table: the table. (templated)
    :param source_conn_id, destination_conn_id: the connections. (templated)
    :param source_hook_params, destination_hook_params: arguments of the hooks.
    :param preoperator: SQL to run in the other database first: one statement or several.
        (templated)
    :param insert_args: arguments of the hook's `insert_rows`. (templated)
    """

    template_fields: Sequence[str] = (
        "source_conn_id",
        "destination_conn_id",
        "sql",
        "destination_table",
        "preoperator",
        "insert_args",
    )
    template_ext: Sequence[str] = (".sql", ".hql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"preoperator": "sql"}
    ui_color = "#b0f07c"

    def __init__(
        self,
        *,
        sql: str | list[str],
        destination_table: str,
        source_conn_id: str,
        source_hook_params: dict[str, Any] | None = None,
        destination_conn_id: str,
        destination_hook_params: dict[str, Any] | None = None,
        preoperator: str | list[str] | None = None,
        insert_args: dict[str, Any] | None = None,
        page_size: int | None = None,
        paginated_sql_statement_clause: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql = sql
        self.destination_table = destination_table
        self.source_conn_id = source_conn_id
        self.source_hook_params = source_hook_params
        self.destination_conn_id = destination_conn_id
        self.destination_hook_params = destination_hook_params
        self.preoperator = preoperator
        self.insert_args = insert_args or {}
        self.page_size = page_size
        self.paginated_sql_statement_clause = paginated_sql_statement_clause

    def execute(self, context: Context) -> None:
        source = BaseHook.get_hook(self.source_conn_id, hook_params=self.source_hook_params)
        destination = BaseHook.get_hook(
            self.destination_conn_id, hook_params=self.destination_hook_params
        )
        self.log.info("Extracting data from %s", self.source_conn_id)
        self.log.info("Executing: \n %s", self.sql)
        rows = source.get_records(self.sql)
        if self.preoperator:
            self.log.info("Running preoperator")
            self.log.info(self.preoperator)
            destination.run(self.preoperator)
        self.log.info("Inserting rows into %s", self.destination_conn_id)
        destination.insert_rows(table=self.destination_table, rows=rows, **self.insert_args)
