"""Checks of the columns and rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.exceptions import AirflowException
from airflow.providers.common.sql.operators.sql import BaseSQLOperator

if TYPE_CHECKING:
    from airflow.utils.context import Context

_EXPRESSIONS = {
    "null_check": "SUM(CASE WHEN {column} IS NULL THEN 1 ELSE 0 END)",
    "distinct_check": "COUNT(DISTINCT({column}))",
    "unique_check": "COUNT({column}) - COUNT(DISTINCT({column}))",
    "min": "MIN({column})",
    "max": "MAX({column})",
}
_COMPARISONS = ("equal_to", "greater_than", "less_than", "geq_to", "leq_to")


def _where(*clauses: str | None) -> str:
    given = [clause for clause in clauses if clause]
    return f" WHERE {' AND '.join(given)}" if given else ""


class SQLColumnCheckOperator(BaseSQLOperator):
    """Fail unless the columns of a table are as described.

    :param table: the table. (templated)
    :param column_mapping: for each column its checks, by name: `null_check`, `distinct_check`,
        `unique_check`, `min`, `max`. A check has `equal_to`, `greater_than`, `less_than`, `geq_to`
        or `leq_to`, and may have `tolerance` and `partition_clause`.
    :param partition_clause: condition of the rows that are looked at. (templated)
    :param accept_none: count no value at all as 0.
    """

    template_fields: Sequence[str] = ("table", "partition_clause", *BaseSQLOperator.template_fields)
    column_checks: ClassVar[dict[str, str]] = _EXPRESSIONS

    def __init__(
        self,
        *,
        table: str,
        column_mapping: dict[str, dict[str, Any]],
        partition_clause: str | None = None,
        conn_id: str | None = None,
        database: str | None = None,
        accept_none: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(conn_id=conn_id, database=database, **kwargs)
        self.table = table
        self.column_mapping = column_mapping
        self.partition_clause = partition_clause
        self.accept_none = accept_none
        for column, checks in column_mapping.items():
            for check, limits in checks.items():
                self._validate(column, check, limits)

    def _validate(self, column: str, check: str, limits: dict[str, Any]) -> None:
        if check not in self.column_checks:
            raise AirflowException(
                f"Invalid column check: {check} of {column}; known are {sorted(self.column_checks)}"
            )
        given = {name for name in _COMPARISONS if name in limits}
        either = ({"greater_than", "geq_to"}, {"less_than", "leq_to"})
        if not given or any(both <= given for both in either):
            raise ValueError(
                f"check {check} of column {column}: give one of {', '.join(_COMPARISONS)}, or a "
                "lower and an upper limit"
            )
        if "equal_to" in given and len(given) > 1:
            raise ValueError(
                f"Invalid checks were passed: equal_to cannot be passed with a greater or less "
                f"than condition; column {column}, check {check}"
            )

    def execute(self, context: Context) -> None:
        hook = self.get_db_hook()
        failed = []
        for column, checks in self.column_mapping.items():
            for check, limits in checks.items():
                sql = self._query(column, check, limits)
                row = hook.get_first(sql)
                result = row[0] if row else None
                if result is None and self.accept_none:
                    result = 0
                limits["result"] = result
                limits["success"] = result is not None and _compare(result, limits)
                if not limits["success"]:
                    failed.append(f"Column: {column}\n\tCheck: {check},\n\tCheck Values: {limits}")
        if failed:
            self._raise_exception(
                f"Test failed.\nTable: {self.table}\nThe following tests have failed:\n"
                + "\n".join(failed)
            )
        self.log.info("All tests have passed")

    def _query(self, column: str, check: str, limits: dict[str, Any]) -> str:
        expression = self.column_checks[check].format(column=column)
        condition = _where(self.partition_clause, limits.get("partition_clause"))
        return f"SELECT {expression} AS check_result FROM {self.table}{condition}"


def _compare(result: Any, limits: dict[str, Any]) -> bool:
    slack = limits.get("tolerance") or 0

    def widened(name: str, direction: int) -> Any:
        limit = limits[name]
        return limit + direction * abs(limit) * slack if slack else limit

    tests = {
        "geq_to": lambda: result >= widened("geq_to", -1),
        "greater_than": lambda: result > widened("greater_than", -1),
        "leq_to": lambda: result <= widened("leq_to", 1),
        "less_than": lambda: result < widened("less_than", 1),
        "equal_to": lambda: widened("equal_to", -1) <= result <= widened("equal_to", 1)
        if slack
        else result == limits["equal_to"],
    }
    return all(test() for name, test in tests.items() if name in limits)


class SQLTableCheckOperator(BaseSQLOperator):
    """Fail unless statements about the rows of a table are true.

    :param table: the table. (templated)
    :param checks: by name, a dict with the SQL condition in `check_statement`, and maybe a
        `partition_clause`. (templated)
    :param partition_clause: condition of the rows that are looked at. (templated)
    """

    template_fields: Sequence[str] = (
        "table",
        "partition_clause",
        "checks",
        *BaseSQLOperator.template_fields,
    )

    def __init__(
        self,
        *,
        table: str,
        checks: dict[str, dict[str, Any]],
        partition_clause: str | None = None,
        conn_id: str | None = None,
        database: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(conn_id=conn_id, database=database, **kwargs)
        self.table = table
        self.checks = checks
        self.partition_clause = partition_clause

    def execute(self, context: Context) -> None:
        queries = [self._query(name, check) for name, check in self.checks.items()]
        rows = self.get_db_hook().get_records(" UNION ALL ".join(queries))
        if not rows:
            self._raise_exception(f"The following query returned zero rows: {queries}")
        failed = [name for name, passed in rows if not _is_true(passed)]
        for name, passed in rows:
            self.checks[name]["success"] = _is_true(passed)
        if failed:
            described = "\n".join(f"\tCheck: {name}, {self.checks[name]}" for name in failed)
            self._raise_exception(
                f"Test failed.\nTable: {self.table}\nThe following tests have failed:\n{described}"
            )
        self.log.info("All tests have passed")

    def _query(self, name: str, check: dict[str, Any]) -> str:
        condition = _where(self.partition_clause, check.get("partition_clause"))
        return (
            f"SELECT '{name}' AS check_name, MIN({name}) AS check_result FROM (SELECT CASE WHEN "
            f"{check['check_statement']} THEN 1 ELSE 0 END AS {name} FROM {self.table}{condition}) "
            f"AS sq_{name}"
        )


def _is_true(value: Any) -> bool:
    return str(value).lower() in ("1", "y", "t", "yes", "true", "on")
