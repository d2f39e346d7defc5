"""SqlSensor: waits until a query finds something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowException
from airflow.hooks.base import BaseHook
from airflow.sensors.base import BaseSensorOperator

if TYPE_CHECKING:
    from airflow.utils.context import Context


class SqlSensor(BaseSensorOperator):
    """Waits until a query returns a row whose first value is true.

    :param conn_id: the connection.
    :param sql: the query. (templated)
    :param parameters: its parameters. (templated)
    :param success: function of the value that tells whether the waiting is over.
    :param failure: function of the value that tells whether the sensor fails.
    :param selector: function that picks the value from the row; by default the first.
    :param fail_on_empty: fail if there is no row.
    :param hook_params: arguments of the hook.
    """

    template_fields: Sequence[str] = ("sql", "hook_params", "parameters")
    template_ext: Sequence[str] = (".hql", ".sql")
    ui_color = "#7c7287"

    def __init__(
        self,
        *,
        conn_id: str,
        sql: str,
        parameters: Mapping[str, Any] | Sequence[Any] | None = None,
        success: Callable[[Any], bool] | None = None,
        failure: Callable[[Any], bool] | None = None,
        selector: Callable[[Any], Any] | None = None,
        fail_on_empty: bool = False,
        hook_params: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id
        self.sql = sql
        self.parameters = parameters
        self.success = success
        self.failure = failure
        self.selector = selector
        self.fail_on_empty = fail_on_empty
        self.hook_params = hook_params

    def _get_hook(self) -> Any:
        return BaseHook.get_hook(self.conn_id, hook_params=dict(self.hook_params or {}))

    def poke(self, context: Context) -> bool:
        self.log.info("Poking: %s (with parameters %s)", self.sql, self.parameters)
        records = self._get_hook().get_records(self.sql, self.parameters)
        if not records:
            if self.fail_on_empty:
                raise AirflowException("No rows returned, raising as per fail_on_empty flag")
            return False
        value = self.selector(records[0]) if self.selector else records[0][0]
        if self.failure is not None:
            self._require_function("failure")
            if self.failure(value):
                raise AirflowException(f"Failure criteria met. self.failure({value}) returned True")
        if self.success is not None:
            self._require_function("success")
            return bool(self.success(value))
        return bool(value)

    def _require_function(self, name: str) -> None:
        if not callable(getattr(self, name)):
            raise AirflowException(
                f"self.{name} is present, but not callable -> " f"{getattr(self, name)}"
            )
