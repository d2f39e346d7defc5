"""HttpSensor: waits until an HTTP server answers as wished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowException
from airflow.sensors.base import BaseSensorOperator, PokeReturnValue
from airflow.utils.operator_helpers import determine_kwargs

if TYPE_CHECKING:
    from airflow.utils.context import Context


class HttpSensor(BaseSensorOperator):
    """Waits until a request succeeds, and `response_check`, if given, returns something true.

    :param http_conn_id: the connection.
    :param endpoint: path of the request. (templated)
    :param method: method of the request.
    :param request_params: body of the request, or the query of a GET. (templated)
    :param headers: headers. (templated)
    :param response_error_codes_allowlist: statuses that mean "not yet"; by default 404.
    :param response_check: function of the response; it may return a `PokeReturnValue`.
    :param extra_options: options, such as `timeout` and `check_response`.
    """

    template_fields: Sequence[str] = ("endpoint", "request_params", "headers")

    def __init__(
        self,
        *,
        endpoint: str,
        http_conn_id: str = "http_default",
        method: str = "GET",
        request_params: dict[str, Any] | None = None,
        request_kwargs: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        response_error_codes_allowlist: list[str] | None = None,
        response_check: Callable[..., Any] | None = None,
        extra_options: dict[str, Any] | None = None,
        tcp_keep_alive: bool = True,
        tcp_keep_alive_idle: int = 120,
        tcp_keep_alive_count: int = 20,
        tcp_keep_alive_interval: int = 30,
        deferrable: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.endpoint = endpoint
        self.http_conn_id = http_conn_id
        self.method = method
        self.request_params = request_params or {}
        self.request_kwargs = request_kwargs or {}
        self.headers = headers or {}
        allowed = response_error_codes_allowlist
        self.response_error_codes_allowlist = tuple(
            map(str, ["404"] if allowed is None else allowed)
        )
        self.response_check = response_check
        self.extra_options = extra_options or {}
        self.deferrable = deferrable

    def poke(self, context: Context) -> bool | PokeReturnValue:
        from airflow.providers.http.hooks.http import HttpHook

        self.log.info("Poking: %s", self.endpoint)
        hook = HttpHook(self.method, http_conn_id=self.http_conn_id)
        try:
            response = hook.run(
                self.endpoint,
                data=self.request_params,
                headers=self.headers,
                extra_options=self.extra_options,
                **self.request_kwargs,
            )
        except AirflowException as error:
            if str(error).startswith(self.response_error_codes_allowlist):
                return False
            raise
        if self.response_check is None:
            return True
        kwargs = determine_kwargs(self.response_check, (response,), context)
        result = self.response_check(response, **kwargs)
        return result if isinstance(result, PokeReturnValue) else bool(result)
