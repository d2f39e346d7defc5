"""Operators that run SQL: queries, checks of data, and branching."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, SupportsAbs

from airflow._lazy import lazy_exports
from airflow.exceptions import AirflowException, AirflowFailException
from airflow.hooks.base import BaseHook
from airflow.models.baseoperator import BaseOperator
from airflow.models.skipmixin import SkipMixin
from airflow.providers.common.sql.hooks.sql import fetch_all_handler, return_single_query_results

if TYPE_CHECKING:
    from airflow.utils.context import Context

_TRUE_WORDS = frozenset({"y", "yes", "t", "true", "on", "1"})
_FALSE_WORDS = frozenset({"n", "no", "f", "false", "off", "0"})

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "SQLColumnCheckOperator": "airflow.providers.common.sql.operators.table_checks",
        "SQLTableCheckOperator": "airflow.providers.common.sql.operators.table_checks",
    },
)

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


def default_output_processor(results: list[Any], descriptions: list[Any]) -> list[Any]:
    """Return the results as they are."""
    return results


def parse_boolean(val: str) -> str | bool:
    """Return the bool that a word means; ValueError for others."""
    word = val.lower()
    if word in _TRUE_WORDS:
        return True
    if word in _FALSE_WORDS:
        return False
    raise ValueError(f"{val!r} is not a boolean-like string value")


# The name that provider packages import.
_parse_boolean = parse_boolean


def _convert_to_float_if_possible(s: Any) -> Any:
    try:
        return float(s)
    except (ValueError, TypeError):
        return s


class BaseSQLOperator(BaseOperator):
    """Common to all: the database.

    :param conn_id: the connection. (templated)
    :param database: name of the database, in place of the connection's.
    :param hook_params: arguments of the hook. (templated)
    :param retry_on_failure: try again when a check has failed.
    """

    conn_id_field = "conn_id"
    template_fields: Sequence[str] = ("conn_id", "database", "hook_params")

    def __init__(
        self,
        *,
        conn_id: str | None = None,
        database: str | None = None,
        hook_params: dict[str, Any] | None = None,
        retry_on_failure: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id
        self.database = database
        self.hook_params = hook_params or {}
        self.retry_on_failure = retry_on_failure

    @cached_property
    def _hook(self) -> Any:
        conn_id = getattr(self, self.conn_id_field)
        if not conn_id:
            raise AirflowException(f"task {self.task_id}: {self.conn_id_field} is not given")
        hook = BaseHook.get_hook(conn_id, hook_params=self.hook_params)
        if not hasattr(hook, "get_records") or not hasattr(hook, "run"):
            raise AirflowException(
                f"You are trying to use `common-sql` with {type(hook).__name__}, but its provider "
                "does not support it; use the connection of an SQL database"
            )
        if self.database:
            hook.database = hook.schema = self.database
        return hook

    def get_db_hook(self) -> Any:
        """Return the hook of the database."""
        return self._hook

    def _raise_exception(self, message: str) -> NoReturn:
        if self.retry_on_failure:
            raise AirflowException(message)
        raise AirflowFailException(message)


class SQLExecuteQueryOperator(BaseSQLOperator):
    """Run SQL; what it returns is pushed as XCom.

    :param sql: one statement or several, or the name of a template file. (templated)
    :param autocommit: commit each statement at once.
    :param parameters: parameters of the statements. (templated)
    :param handler: function that makes the result of a cursor.
    :param output_processor: function of the results and descriptions that makes the XCom.
    :param split_statements: `sql` is a text of several statements.
    :param return_last: push only the last result.
    :param show_return_value_in_logs: log the result.
    :param requires_result_fetch: call the handler even without `do_xcom_push`.
    """

    template_fields: Sequence[str] = ("sql", "parameters", *BaseSQLOperator.template_fields)
    template_ext: Sequence[str] = (".sql", ".json")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql", "parameters": "json"}
    ui_color = "#cdaaed"

    def __init__(
        self,
        *,
        sql: str | list[str],
        autocommit: bool = False,
        parameters: Mapping[str, Any] | Iterable[Any] | None = None,
        handler: Callable[[Any], Any] | None = fetch_all_handler,
        output_processor: Callable[[list[Any], list[Any]], Any] | None = None,
        conn_id: str | None = None,
        database: str | None = None,
        split_statements: bool | None = None,
        return_last: bool = True,
        show_return_value_in_logs: bool = False,
        requires_result_fetch: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(conn_id=conn_id, database=database, **kwargs)
        self.sql = sql
        self.autocommit = autocommit
        self.parameters = parameters
        self.handler = handler
        self._output_processor = output_processor or default_output_processor
        self.split_statements = split_statements
        self.return_last = return_last
        self.show_return_value_in_logs = show_return_value_in_logs
        self.requires_result_fetch = requires_result_fetch

    def _process_output(self, results: list[Any], descriptions: list[Any]) -> list[Any]:
        if self.show_return_value_in_logs:
            self.log.info("Operator output is: %s", results)
        return self._output_processor(results, descriptions)  # type: ignore[no-any-return]

    def _should_run_output_processing(self) -> bool:
        return self.do_xcom_push

    def execute(self, context: Context) -> Any:
        self.log.info("Executing: %s", self.sql)
        hook = self.get_db_hook()
        options: dict[str, Any] = {}
        if self.split_statements is not None:
            options["split_statements"] = self.split_statements
        wanted = self._should_run_output_processing() or self.requires_result_fetch
        output = hook.run(
            sql=self.sql,
            autocommit=self.autocommit,
            parameters=self.parameters,
            handler=self.handler if wanted else None,
            return_last=self.return_last,
            **options,
        )
        if not self._should_run_output_processing() or self.handler is None:
            return None
        if return_single_query_results(self.sql, self.return_last, self.split_statements):
            return self._process_output([output], hook.descriptions)[-1]
        return self._process_output(output, hook.descriptions)

    def prepare_template(self) -> None:
        if isinstance(self.parameters, str):
            self.parameters = ast.literal_eval(self.parameters)


class SQLCheckOperator(BaseSQLOperator):
    """Fail unless all values of the first row of a query are true.

    :param sql: the query. (templated)
    :param parameters: its parameters.
    """

    template_fields: Sequence[str] = ("sql", *BaseSQLOperator.template_fields)
    template_ext: Sequence[str] = (".hql", ".sql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql"}
    ui_color = "#fff7e6"

    def __init__(
        self,
        *,
        sql: str,
        conn_id: str | None = None,
        database: str | None = None,
        parameters: Iterable[Any] | Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(conn_id=conn_id, database=database, **kwargs)
        self.sql = sql
        self.parameters = parameters

    def execute(self, context: Context) -> None:
        self.log.info("Executing SQL check: %s", self.sql)
        records = self.get_db_hook().get_first(self.sql, self.parameters)
        self.log.info("Record: %s", records)
        if not records:
            self._raise_exception(f"The following query returned zero rows: {self.sql}")
        values = records.values() if isinstance(records, Mapping) else records
        if not all(values):
            self._raise_exception(f"Test failed.\nQuery:\n{self.sql}\nResults:\n{records!s}")
        self.log.info("Success.")


class SQLValueCheckOperator(BaseSQLOperator):
    """Fail unless the values of the first row of a query are a given one.

    :param sql: the query. (templated)
    :param pass_value: the value. (templated)
    :param tolerance: share of a number by which the values may differ.
    """

    template_fields: Sequence[str] = ("sql", "pass_value", *BaseSQLOperator.template_fields)
    template_ext: Sequence[str] = (".hql", ".sql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql"}
    ui_color = "#fff7e6"

    def __init__(
        self,
        *,
        sql: str,
        pass_value: Any,
        tolerance: Any = None,
        conn_id: str | None = None,
        database: str | None = None,
        parameters: Iterable[Any] | Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(conn_id=conn_id, database=database, **kwargs)
        self.sql = sql
        self.pass_value = str(pass_value)
        self.tol = float(tolerance) if tolerance is not None else None
        self.has_tolerance = self.tol is not None
        self.parameters = parameters

    def execute(self, context: Context) -> None:
        self.log.info("Executing SQL value check: %s", self.sql)
        records = self.get_db_hook().get_first(self.sql, self.parameters)
        if not records:
            self._raise_exception(f"The following query returned zero rows: {self.sql}")
        if not self._passes(list(records)):
            tolerance = f"\nTolerance:{self.tol:.1%}" if self.tol is not None else ""
            self._raise_exception(
                f"Test failed.\nPass value:{self.pass_value}{tolerance}\nQuery:\n{self.sql}\n"
                f"Results:\n{records!s}"
            )

    def _passes(self, records: list[Any]) -> bool:
        wanted = _convert_to_float_if_possible(self.pass_value)
        if not isinstance(wanted, float):
            return all(str(record) == wanted for record in records)
        try:
            numbers = [float(record) for record in records]
        except (TypeError, ValueError) as error:
            raise AirflowException(f"Converting a result to float failed: {error}") from error
        if self.tol is None:
            return all(number == wanted for number in numbers)
        low, high = sorted((wanted * (1 - self.tol), wanted * (1 + self.tol)))
        return all(low <= number <= high for number in numbers)


class SQLIntervalCheckOperator(BaseSQLOperator):
    """Fail if metrics of a table differ too much from those of some days before.

    :param table: the table.
    :param metrics_thresholds: SQL expressions of metrics, and the ratio that each may reach.
    :param date_filter_column: column of the day.
    :param days_back: how many days to look back.
    :param ratio_formula: `max_over_min`, or `relative_diff`.
    :param ignore_zero: let a metric pass where one of the values is 0.
    """

    template_fields: Sequence[str] = ("sql1", "sql2", *BaseSQLOperator.template_fields)
    template_ext: Sequence[str] = (".hql", ".sql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql1": "sql", "sql2": "sql"}
    ui_color = "#fff7e6"

    ratio_formulas: ClassVar[dict[str, Callable[[Any, Any], float]]] = {
        "max_over_min": lambda cur, ref: float(max(cur, ref)) / min(cur, ref),
        "relative_diff": lambda cur, ref: float(abs(cur - ref)) / ref,
    }

    def __init__(
        self,
        *,
        table: str,
        metrics_thresholds: dict[str, float],
        date_filter_column: str | None = "ds",
        days_back: SupportsAbs[int] = -7,
        ratio_formula: str | None = "max_over_min",
        ignore_zero: bool = True,
        conn_id: str | None = None,
        database: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(conn_id=conn_id, database=database, **kwargs)
        if ratio_formula not in self.ratio_formulas:
            raise AirflowException(
                f"Invalid diff_method: {ratio_formula}. Supported diff methods are: "
                f"{sorted(self.ratio_formulas)}"
            )
        self.ratio_formula = ratio_formula
        self.ignore_zero = ignore_zero
        self.table = table
        self.metrics_thresholds = metrics_thresholds
        self.metrics_sorted = sorted(metrics_thresholds)
        self.date_filter_column = date_filter_column
        self.days_back = -abs(days_back)
        where = f"SELECT {', '.join(self.metrics_sorted)} FROM {table} WHERE {date_filter_column}="
        self.sql1 = f"{where}'{{{{ ds }}}}'"
        self.sql2 = f"{where}'{{{{ macros.ds_add(ds, {self.days_back}) }}}}'"

    def execute(self, context: Context) -> None:
        hook = self.get_db_hook()
        reference = hook.get_first(self.sql2)
        current = hook.get_first(self.sql1)
        for sql, row in ((self.sql2, reference), (self.sql1, current)):
            if not row:
                self._raise_exception(f"The query {sql} returned None")
        ratios = {
            metric: self._ratio(now, before)
            for metric, now, before in zip(self.metrics_sorted, current, reference)
        }
        failed = []
        for metric, ratio in ratios.items():
            threshold = self.metrics_thresholds[metric]
            passed = self.ignore_zero if ratio is None else ratio < threshold
            self.log.info("Ratio for %s: %s, threshold %s", metric, ratio, threshold)
            if not passed:
                failed.append(f"{metric} (ratio {ratio}, threshold {threshold})")
        if failed:
            self._raise_exception(f"The following tests have failed:\n {', '.join(failed)}")
        self.log.info("All tests have passed")

    def _ratio(self, current: Any, reference: Any) -> float | None:
        if not current or not reference:
            return None
        return self.ratio_formulas[str(self.ratio_formula)](current, reference)


class SQLThresholdCheckOperator(BaseSQLOperator):
    """Fail unless the first value of a query lies between two limits.

    :param sql: the query. (templated)
    :param min_threshold, max_threshold: the limits: numbers, or queries. (templated)
    """

    template_fields: Sequence[str] = (
        "sql",
        "min_threshold",
        "max_threshold",
        *BaseSQLOperator.template_fields,
    )
    template_ext: Sequence[str] = (".hql", ".sql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql"}

    def __init__(
        self,
        *,
        sql: str,
        min_threshold: Any,
        max_threshold: Any,
        conn_id: str | None = None,
        database: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(conn_id=conn_id, database=database, **kwargs)
        self.sql = sql
        self.min_threshold = _convert_to_float_if_possible(min_threshold)
        self.max_threshold = _convert_to_float_if_possible(max_threshold)

    def execute(self, context: Context) -> None:
        row = self.get_db_hook().get_first(self.sql)
        if not row:
            self._raise_exception(f"The following query returned zero rows: {self.sql}")
        low, high = self._limit(self.min_threshold), self._limit(self.max_threshold)
        result = row[0]
        self.log.info("Result %s, limits %s and %s", result, low, high)
        if not low <= result <= high:
            self._raise_exception(
                f'Threshold Check: "{self.task_id}" failed.\nDAG: {self.dag_id}\n'
                f"SQL: {self.sql}\nResult: {result} is not within thresholds {low} and {high}"
            )
        self.log.info("Test %s Successful.", self.task_id)

    def _limit(self, value: Any) -> Any:
        return value if isinstance(value, float) else self.get_db_hook().get_first(value)[0]


class BranchSQLOperator(BaseSQLOperator, SkipMixin):
    """Follow one branch if the first value of a query is true, and another one if not.

    :param sql: the query; its value is a bool, a number, or a word such as `yes`. (templated)
    :param follow_task_ids_if_true, follow_task_ids_if_false: the branches.
    :param parameters: parameters of the query. (templated)
    """

    template_fields: Sequence[str] = ("sql", "parameters", *BaseSQLOperator.template_fields)
    template_ext: Sequence[str] = (".sql",)
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql"}
    ui_color = "#a22034"
    ui_fgcolor = "#F7F7F7"

    def __init__(
        self,
        *,
        sql: str,
        follow_task_ids_if_true: list[str] | str,
        follow_task_ids_if_false: list[str] | str,
        conn_id: str = "default_conn_id",
        database: str | None = None,
        parameters: Iterable[Any] | Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(conn_id=conn_id, database=database, **kwargs)
        self.sql = sql
        self.parameters = parameters
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false

    def execute(self, context: Context) -> None:
        self.log.info("Executing: %s (with parameters %s)", self.sql, self.parameters)
        record = self.get_db_hook().get_first(self.sql, self.parameters)
        if not record:
            raise AirflowException(
                "No rows returned from sql query. Operator expected True or False return value."
            )
        value = record[0] if isinstance(record, (list, tuple)) else record
        if self._means_true(value):
            branch = self.follow_task_ids_if_true
        else:
            branch = self.follow_task_ids_if_false
        self.skip_all_except(context["ti"], branch)

    def _means_true(self, value: Any) -> bool:
        if isinstance(value, (bool, int)):
            return bool(value)
        if isinstance(value, str):
            try:
                return bool(parse_boolean(value))
            except ValueError:
                pass
        raise AirflowException(
            f"Unexpected query return result '{value}' type '{type(value)}': the query must return "
            "a bool, a number or a word such as yes"
        )
