"""HttpOperator: makes a request to an HTTP server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.exceptions import AirflowException
from airflow.models.baseoperator import BaseOperator
from airflow.utils.operator_helpers import determine_kwargs
from airflow.utils.user_warnings import warn_removed

if TYPE_CHECKING:
    from airflow.providers.http.hooks.client import Response
    from airflow.providers.http.hooks.http import HttpHook
    from airflow.utils.context import Context


class HttpOperator(BaseOperator):
    """Make a request to an HTTP server; the text of its answer is pushed as XCom.

    :param http_conn_id: the connection.
    :param endpoint: path of the request. (templated)
    :param method: method of the request.
    :param data: body of the request, or the query of a GET. (templated)
    :param headers: headers. (templated)
    :param response_check: function of the response that tells whether all is well.
    :param response_filter: function of the response that returns what is pushed.
    :param pagination_function: function of the response that returns arguments (`endpoint`,
        `data`, `headers`, `extra_options`) of the next request, or None after the last one.
    :param extra_options: options, such as `timeout` and `check_response`.
    :param log_response: log the answer.
    """

    conn_id_field = "http_conn_id"
    template_fields: Sequence[str] = ("endpoint", "data", "headers")
    template_fields_renderers: ClassVar[dict[str, str]] = {"headers": "json", "data": "py"}
    template_ext: Sequence[str] = ()
    ui_color = "#f4a460"

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        method: str = "POST",
        data: Any = None,
        headers: dict[str, str] | None = None,
        pagination_function: Callable[..., Any] | None = None,
        response_check: Callable[..., bool] | None = None,
        response_filter: Callable[..., Any] | None = None,
        extra_options: dict[str, Any] | None = None,
        request_kwargs: dict[str, Any] | None = None,
        http_conn_id: str = "http_default",
        log_response: bool = False,
        auth_type: Any = None,
        tcp_keep_alive: bool = True,
        tcp_keep_alive_idle: int = 120,
        tcp_keep_alive_count: int = 20,
        tcp_keep_alive_interval: int = 30,
        deferrable: bool = False,
        retry_args: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.http_conn_id = http_conn_id
        self.method = method
        self.endpoint = endpoint
        self.headers = headers or {}
        self.data = {} if data is None else data
        self.pagination_function = pagination_function
        self.response_check = response_check
        self.response_filter = response_filter
        self.extra_options = extra_options or {}
        self.request_kwargs = request_kwargs or {}
        self.log_response = log_response
        self.auth_type = auth_type
        self.deferrable = deferrable
        self.retry_args = retry_args

    @property
    def hook(self) -> HttpHook:
        """The server."""
        from airflow.providers.http.hooks.http import HttpHook

        return HttpHook(self.method, http_conn_id=self.http_conn_id, auth_type=self.auth_type)

    def execute(self, context: Context) -> Any:
        responses = [self._request({})]
        if self.pagination_function is None:
            return self.process_response(context, responses[0])
        while (following := self.pagination_function(responses[-1])) is not None:
            responses.append(self._request(following))
        return self.process_response(context, responses)

    def _request(self, following: dict[str, Any]) -> Response:
        self.log.info("Calling HTTP method")
        options = {**self.extra_options, **following.get("extra_options", {})}
        data = self.data
        if isinstance(data, dict):
            data = {**data, **following.get("data", {})}
        arguments = {
            "endpoint": following.get("endpoint", self.endpoint),
            "data": data,
            "headers": {**self.headers, **following.get("headers", {})},
            "extra_options": options,
            **self.request_kwargs,
        }
        if self.retry_args:
            return self.hook.run_with_advanced_retry(self.retry_args, **arguments)
        return self.hook.run(**arguments)

    def process_response(self, context: Context, response: Any) -> Any:
        """Check the response, or responses, and return what is pushed."""
        responses = response if isinstance(response, list) else [response]
        if self.log_response:
            for one in responses:
                self.log.info(one.text)
        if self.response_check is not None:
            for one in responses:
                if not _call(self.response_check, one, context):
                    raise AirflowException("Response check returned False.")
        if self.response_filter is not None:
            return _call(self.response_filter, response, context)
        texts = [one.text for one in responses]
        return texts if isinstance(response, list) else texts[0]


def _call(function: Callable[..., Any], response: Any, context: Context) -> Any:
    return function(response, **determine_kwargs(function, (response,), context))


class SimpleHttpOperator(HttpOperator):
    """The former name of `HttpOperator`."""

    def __init__(self, **kwargs: Any) -> None:
        warn_removed("Class `SimpleHttpOperator` is deprecated. Please use `HttpOperator`.")
        super().__init__(**kwargs)
