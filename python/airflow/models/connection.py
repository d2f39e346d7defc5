"""Connections: addresses and credentials of other systems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from airflow.exceptions import AirflowException, AirflowNotFoundException
from airflow.utils.log.secrets_masker import mask_secret
from airflow.utils.user_warnings import warn_removed, warn_user

CONN_ID_MAX_LEN = 250
_FIELDS = ("conn_type", "description", "host", "login", "password", "schema", "port", "extra")


def sanitize_conn_id(conn_id: str | None, max_length: int = CONN_ID_MAX_LEN) -> str | None:
    """Return `conn_id` if it is a valid id, else None."""
    allowed = set("-_.#:()!\\/@")
    if not isinstance(conn_id, str) or not 0 < len(conn_id) <= max_length:
        return None
    return conn_id if all(c.isalnum() or c in allowed for c in conn_id) else None


class Connection:
    """One connection, from its fields or from a URI.

    A URI is `type://login:password@host:port/schema?key=value`, every part percent-encoded; what
    extra fields a query cannot express are JSON in the query's `__extra__`.
    """

    EXTRA_KEY = "__extra__"

    def __init__(
        self,
        conn_id: str | None = None,
        conn_type: str | None = None,
        description: str | None = None,
        host: str | None = None,
        login: str | None = None,
        password: str | None = None,
        schema: str | None = None,
        port: int | None = None,
        extra: str | Mapping[str, Any] | None = None,
        uri: str | None = None,
    ) -> None:
        self.conn_id = conn_id
        self.description = description
        if uri is not None:
            if any((conn_type, host, login, password, schema, port, extra)):
                raise AirflowException(
                    "You must create an object using the URI or individual values (conn_type, "
                    "host, login, password, schema, port or extra). You can't mix these two ways "
                    "to create this object."
                )
            self._read_uri(uri)
        else:
            self.conn_type = conn_type
            self.host = host
            self.login = login
            self.password = password
            self.schema = schema
            self.port = None if port is None else int(port)
            self.extra = extra if extra is None or isinstance(extra, str) else json.dumps(extra)
        self._mask()

    def _mask(self) -> None:
        if self.password:
            mask_secret(self.password)
            mask_secret(quote(self.password))
            mask_secret(quote(self.password, safe=""))  # as in get_uri()

    def _read_uri(self, uri: str) -> None:
        parts, protocol = _split_uri(uri)
        host = _read_host(parts)
        self.conn_type = _normalize_type(urlsplit(uri).scheme)
        self.host = f"{protocol}://{host}" if protocol and host else host
        self.schema = unquote(parts.path[1:])
        self.login = unquote(parts.username) if parts.username else parts.username
        self.password = unquote(parts.password) if parts.password else parts.password
        self.port = parts.port
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.extra = None
        if query:
            self.extra = query.get(self.EXTRA_KEY) or json.dumps(query)

    def get_uri(self) -> str:
        """Return the connection as a URI."""
        uri = f"{self.conn_type.lower().replace('_', '-')}://" if self.conn_type else "//"
        host = self.host or ""
        if "://" in host:
            protocol, host = host.split("://", 1)
            uri += f"{protocol}://"
        return uri + self._authority(host) + self._uri_query()

    def _authority(self, host: str) -> str:
        credentials = quote(self.login, safe="") if self.login is not None else ""
        if self.password is not None:
            credentials += ":" + quote(self.password, safe="")
        text = credentials + "@" if credentials else ""
        text += quote(host, safe="")
        if self.port:
            text += f":{self.port}" if text else f"@:{self.port}"
        if self.schema:
            text += f"/{quote(self.schema, safe='')}"
        return text

    def _uri_query(self) -> str:
        if not self.extra:
            return ""
        fields = self.extra_dejson
        query = urlencode(fields) if isinstance(fields, dict) else ""
        if not query or fields != dict(parse_qsl(query, keep_blank_values=True)):
            query = urlencode({self.EXTRA_KEY: self.extra})
        return ("?" if self.schema else "/?") + query

    def get_password(self) -> str | None:
        """Return the password."""
        return self.password

    def set_password(self, value: str | None) -> None:
        """Replace the password."""
        self.password = value
        self._mask()

    def get_extra(self) -> str | None:
        """Return the extra fields as text."""
        return self.extra

    def set_extra(self, value: str | None) -> None:
        """Replace the extra fields by a JSON text."""
        self.extra = value

    def get_extra_dejson(self, nested: bool = False) -> dict[str, Any]:
        """Return the extra fields; with `nested`, values that are JSON texts are decoded too."""
        if not self.extra:
            return {}
        try:
            fields: dict[str, Any] = json.loads(self.extra)
        except ValueError:
            warn_user(f"Failed to deserialize extra property `extra` of {self.conn_id} as JSON")
            return {}
        if nested:
            fields = {key: _decode_nested(value) for key, value in fields.items()}
        mask_secret(fields)
        return fields

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """The extra fields as a dict."""
        return self.get_extra_dejson()

    def to_dict(self, *, prune_empty: bool = False, validate: bool = True) -> dict[str, Any]:
        """Return the fields by name; extra fields as an object where they are one."""
        fields: dict[str, Any] = {"conn_id": self.conn_id}
        fields.update((name, getattr(self, name)) for name in _FIELDS)
        fields["extra"] = self.extra_dejson
        if prune_empty:
            fields = {k: v for k, v in fields.items() if v not in (None, "", {})}
        return fields

    def as_json(self) -> str:
        """Return the connection as the JSON text that `from_json` reads."""
        fields = self.to_dict(prune_empty=True)
        fields.pop("conn_id", None)
        return json.dumps(fields)

    @classmethod
    def from_json(cls, value: str, conn_id: str | None = None) -> Connection:
        """Create a connection from a JSON object of its fields."""
        fields = json.loads(value)
        if "type" in fields:
            fields["conn_type"] = fields.pop("type")
        if fields.get("conn_type"):
            fields["conn_type"] = _normalize_type(fields["conn_type"])
        port = fields.pop("port", None)
        try:
            fields["port"] = int(port) if port else None
        except ValueError:
            raise ValueError(
                f"Expected integer value for `port`, but got {port!r} instead."
            ) from None
        fields.pop("conn_id", None)
        return cls(conn_id=conn_id, **fields)

    @classmethod
    def get_connection_from_secrets(cls, conn_id: str) -> Connection:
        """Return the connection from the first secrets backend that has it.

        These are the backend of `[secrets]`, `AIRFLOW_CONN_<ID>` (a URI or a JSON object) and the
        engine's database.
        """
        from airflow.configuration import secrets_backend_list

        for backend in secrets_backend_list():
            connection = backend.get_connection(conn_id=conn_id)
            if connection is not None:
                return connection
        raise AirflowNotFoundException(
            f"The conn_id `{conn_id}` isn't defined; add it with `beeflow connections add "
            f"{conn_id}` or set AIRFLOW_CONN_{conn_id.upper()}"
        )

    @classmethod
    def get(cls, conn_id: str) -> Connection:
        """Return the connection with this id, as Airflow 3 spells it."""
        return cls.get_connection_from_secrets(conn_id)

    def get_hook(self, *, hook_params: dict[str, Any] | None = None) -> Any:
        """Return the hook that this type of connection is for."""
        from airflow.providers_manager import ProvidersManager
        from airflow.utils.module_loading import import_string

        hook = ProvidersManager().hooks.get(self.conn_type or "")
        if hook is None:
            raise AirflowException(
                f'Unknown hook type "{self.conn_type}" of connection {self.conn_id!r}; install the '
                "provider package that has it"
            )
        hook_class = import_string(hook.hook_class_name)
        argument = getattr(hook_class, "conn_name_attr", hook.connection_id_attribute_name)
        return hook_class(**{argument: self.conn_id, **(hook_params or {})})

    def parse_from_uri(self, **uri: str) -> None:
        """Replace the fields by those of a URI."""
        warn_removed("This method is deprecated. Please use uri parameter in constructor.")
        self._read_uri(**uri)
        self._mask()

    def test_connection(self) -> tuple[bool, str]:
        """Tell whether the hook for this connection can use it, and what it says."""
        try:
            hook = self.get_hook()
            if not hasattr(hook, "test_connection"):
                name = type(hook).__name__
                return False, f"Hook {name} doesn't implement or inherit test_connection method"
            works, message = hook.test_connection()
        except Exception as error:
            return False, str(error)
        return works, message

    def log_info(self) -> str:
        """Return the connection in a line for people, without its password."""
        warn_removed("This method is deprecated. Please use `connection.extra_dejson` instead.")
        fields = {"id": self.conn_id}
        fields.update((name, getattr(self, name)) for name in _FIELDS if name != "description")
        fields["password"] = "XXXXXXXX" if self.password else None
        fields["extra"] = "XXXXXXXX" if self.extra_dejson else None
        return ", ".join(f"{name}: {value}" for name, value in fields.items())

    debug_info = log_info

    @property
    def is_encrypted(self) -> bool:
        """Whether the password is stored encrypted: the engine does it by itself."""
        return bool(self.password)

    @property
    def is_extra_encrypted(self) -> bool:
        """Whether the extra fields are stored encrypted."""
        return bool(self.extra)

    def rotate_fernet_key(self) -> None:
        """Do nothing: the engine encrypts what it stores by itself."""

    def __repr__(self) -> str:
        return self.conn_id or ""


def _split_uri(uri: str) -> tuple[SplitResult, str | None]:
    """Return the parts of a URI, and the protocol of `type://protocol://host`, if any."""
    if uri.count("://") > 2:
        raise AirflowException(f"Invalid connection string: it has more than two '://': {uri}")
    if uri.count("://") < 2:
        return urlsplit(uri), None
    before, _, rest = uri.partition("://")
    protocol = rest.split("://", 1)[0]
    if "@" in protocol or ":" in protocol:
        if "?" not in protocol:
            raise AirflowException(
                "Invalid connection string: the protocol of the host comes before login and "
                f"password, as in {before}://protocol://login:password@host"
            )
        return urlsplit(uri), None  # a URL in the query
    if "?" in protocol:
        return urlsplit(uri), None
    return urlsplit(rest), protocol


def _read_host(parts: SplitResult) -> str:
    host = unquote(parts.hostname or "")
    if "/" not in host:
        return host
    # An encoded socket path such as %2Ftmp%2Fsocket: hostname has lost its upper case.
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    return unquote(host)


def _normalize_type(conn_type: str) -> str:
    if conn_type == "postgresql":
        return "postgres"
    return conn_type.replace("-", "_")


def _decode_nested(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
