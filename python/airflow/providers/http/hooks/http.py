"""HttpHook: requests to an HTTP server."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.exceptions import AirflowException
from airflow.hooks.base import BaseHook
from airflow.models.connection import Connection
from airflow.providers.http.hooks import client

if TYPE_CHECKING:
    from airflow.providers.http.hooks.client import Response

# Extra fields of a connection that are arguments of a request, and not headers.
_ARGUMENTS = ("stream", "verify", "proxies", "cert", "timeout", "allow_redirects")
_OPTIONS = (*_ARGUMENTS, "max_redirects", "check_response", "trust_env")


class HttpHook(BaseHook):
    """An HTTP server, which a connection describes.

    The extra fields of the connection become headers, except for the options `timeout`, `verify`,
    `allow_redirects` and `check_response`.

    :param method: method of the requests.
    :param http_conn_id: the connection.
    :param auth_type: class of the authentication, called with user and password.
    """

    conn_name_attr = "http_conn_id"
    default_conn_name = "http_default"
    conn_type = "http"
    hook_name = "HTTP"

    def __init__(
        self,
        method: str = "POST",
        http_conn_id: str = default_conn_name,
        auth_type: Any = None,
        tcp_keep_alive: bool = True,
        tcp_keep_alive_idle: int = 120,
        tcp_keep_alive_count: int = 20,
        tcp_keep_alive_interval: int = 30,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.http_conn_id = http_conn_id
        self.method = method.upper()
        self.base_url = ""
        self.auth_type = auth_type
        self._options: dict[str, Any] = {}

    def get_conn(self, headers: Mapping[str, Any] | None = None) -> Any:
        """Return a session with the authentication and headers of the connection.

        It is a session of requests, where that package is installed.
        """
        session = client.new_session()
        if self.http_conn_id:
            connection = self.get_connection(self.http_conn_id)
            self.base_url = _base_url(connection)
            extra = connection.extra_dejson
            self._options = {name: extra.pop(name) for name in _OPTIONS if name in extra}
            session.headers.update({name: str(value) for name, value in extra.items()})
            if connection.login:
                make = self.auth_type or _basic
                session.auth = make(connection.login, connection.password or "")
            elif self.auth_type:
                session.auth = self.auth_type()
        session.headers.update(headers or {})
        return session

    def url_from_endpoint(self, endpoint: str | None) -> str:
        """Return the address of an endpoint of the server."""
        if self.base_url and not self.base_url.endswith("/") and endpoint:
            if not endpoint.startswith("/"):
                return f"{self.base_url}/{endpoint}"
        return (self.base_url or "") + (endpoint or "")

    def run(
        self,
        endpoint: str | None = None,
        data: dict[str, Any] | str | bytes | None = None,
        headers: dict[str, Any] | None = None,
        extra_options: dict[str, Any] | None = None,
        **request_kwargs: Any,
    ) -> Response:
        """Make a request and return the response; AirflowException for an error of the server.

        :param data: body of the request, or the query of a GET or HEAD.
        :param extra_options: options, as of the connection.
        :param request_kwargs: `json`, `params`, `files` and the like.
        """
        session = self.get_conn(headers)
        url = self.url_from_endpoint(endpoint)
        options = {**self._options, **(extra_options or {})}
        arguments = {name: options[name] for name in _ARGUMENTS if name in options}
        if self.method in ("GET", "HEAD"):
            request_kwargs.setdefault("params", data)
        else:
            request_kwargs.setdefault("data", data)
        self.log.debug("Sending '%s' to url: %s", self.method, url)
        try:
            response: Response = session.request(self.method, url, **arguments, **request_kwargs)
        except OSError as error:
            self.log.warning("%s", error)
            raise
        if options.get("check_response", True):
            self.check_response(response)
        return response

    def check_response(self, response: Response) -> None:
        """Raise AirflowException where the status of the response is an error."""
        if response.status_code >= 400:
            self.log.error("HTTP error: %s", response.reason)
            self.log.error(response.text)
            raise AirflowException(f"{response.status_code}:{response.reason}")

    def run_with_advanced_retry(
        self, _retry_args: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Response:
        """Make a request again and again, as `_retry_args` say: those of tenacity.

        Where tenacity is not installed, `attempts` and `delay` (seconds) are understood.
        """
        try:
            from tenacity import Retrying
        except ImportError:
            return self._run_repeatedly(_retry_args, *args, **kwargs)
        return Retrying(**_retry_args)(self.run, *args, **kwargs)

    def _run_repeatedly(self, retry: Mapping[str, Any], *args: Any, **kwargs: Any) -> Response:
        attempts = int(retry.get("attempts", 3))
        for _ in range(attempts - 1):
            try:
                return self.run(*args, **kwargs)
            except (OSError, AirflowException):
                time.sleep(float(retry.get("delay", 1)))
        return self.run(*args, **kwargs)

    def test_connection(self) -> tuple[bool, str]:
        """Return whether the server answers, and what to tell people."""
        try:
            self.run()
        except Exception as error:
            return False, str(error)
        return True, "Connection successfully tested"


def _basic(login: str, password: str) -> tuple[str, str]:
    return login, password


def _base_url(connection: Connection) -> str:
    host = connection.host or ""
    if "://" not in host:
        host = f"{connection.schema or 'http'}://{host}"
    if connection.port and urlsplit(host).port is None:
        host = f"{host}:{connection.port}"
    return host
