"""A small HTTP client upon the standard library, for where requests is not installed.

Its names are those of requests, as far as response checks and filters of DAG files use them.
"""

from __future__ import annotations

import base64
import json as json_module
import ssl
from functools import cached_property
from http.client import HTTPMessage
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

DEFAULT_TIMEOUT_SECONDS = 60.0


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Response:
    """What a server has answered."""

    def __init__(
        self, url: str, status_code: int, reason: str, headers: HTTPMessage, content: bytes
    ) -> None:
        self.url = url
        self.status_code = status_code
        self.reason = reason
        self.headers = headers
        self.content = content

    @property
    def ok(self) -> bool:
        """Whether the status is no error."""
        return self.status_code < 400

    @cached_property
    def encoding(self) -> str:
        """Encoding of the text."""
        return self.headers.get_content_charset() or "utf-8"

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(self.encoding, errors="replace")

    def json(self, **kwargs: Any) -> Any:
        """Return the body, which must be JSON, as Python values."""
        return json_module.loads(self.text, **kwargs)

    def raise_for_status(self) -> None:
        """Raise OSError where the status is an error."""
        if not self.ok:
            raise OSError(f"{self.status_code} {self.reason} for url: {self.url}")

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return f"<Response [{self.status_code}]>"


class Session:
    """Headers and authentication that several requests share."""

    def __init__(self) -> None:
        self.headers: dict[str, Any] = {}
        self.auth: Any = None

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Any = None,
        data: Any = None,
        json: Any = None,
        headers: dict[str, Any] | None = None,
        timeout: float | None = None,
        verify: bool | str = True,
        allow_redirects: bool = True,
        stream: bool = False,
    ) -> Response:
        """Make a request. A status that is an error is no exception here."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"{url!r} is not an address of HTTP; check the host of the connection")
        sent = {**self.headers, **(headers or {})}
        body = _encode_body(data, json, sent)
        request = Request(_with_query(url, params), data=body, method=method)
        for name, value in sent.items():
            request.add_header(name, str(value))
        self._authenticate(request)
        return _open(request, timeout or DEFAULT_TIMEOUT_SECONDS, verify, allow_redirects)

    def close(self) -> None:
        """Nothing stays open between requests."""

    def _authenticate(self, request: Request) -> None:
        # A pair, or an object with the attributes of requests' HTTPBasicAuth.
        auth = self.auth
        if auth is None:
            return
        login = getattr(auth, "username", None) or auth[0]
        password = getattr(auth, "password", None) or auth[1]
        token = base64.b64encode(f"{login}:{password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")


def _with_query(url: str, params: Any) -> str:
    if not params:
        return url
    query = params if isinstance(params, str) else urlencode(params, doseq=True)
    return f"{url}{'&' if urlsplit(url).query else '?'}{query}"


def _encode_body(data: Any, json: Any, headers: dict[str, Any]) -> bytes | None:
    kind = None
    if json is not None:
        body: bytes | None = json_module.dumps(json).encode()
        kind = "application/json"
    elif data is None or data == {}:
        body = None
    elif isinstance(data, (bytes, bytearray)):
        body = bytes(data)
    elif isinstance(data, str):
        body = data.encode()
    else:
        body = urlencode(data, doseq=True).encode()
        kind = "application/x-www-form-urlencoded"
    given = {name.lower() for name in headers}
    if body is not None and "content-type" not in given:
        headers["Content-Type"] = kind or "application/octet-stream"
    return body


def _open(request: Request, timeout: float, verify: bool | str, allow_redirects: bool) -> Response:
    context = ssl.create_default_context()
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif isinstance(verify, str):
        context.load_verify_locations(verify)
    handlers: list[Any] = [HTTPSHandler(context=context)]
    if not allow_redirects:
        handlers.append(_NoRedirects())
    try:
        with build_opener(*handlers).open(request, timeout=timeout) as answer:
            return _read(answer)
    except HTTPError as error:
        with error:
            return _read(error)


def new_session() -> Any:
    """Return a session of requests, or one of ours where requests is not installed."""
    try:
        import requests
    except ImportError:
        return Session()
    return requests.Session()


def _read(answer: Any) -> Response:
    return Response(answer.url, answer.status, answer.reason, answer.headers, answer.read())
