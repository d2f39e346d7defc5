"""Variables and connections from local files: JSON, YAML or `NAME=value` lines (.env)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from airflow.exceptions import AirflowException, AirflowFileParseException, ConnectionNotUnique
from airflow.models.connection import Connection
from airflow.secrets.base_secrets import BaseSecretsBackend

_CONNECTION_FIELDS = frozenset(
    {
        "conn_id",
        "conn_type",
        "description",
        "extra",
        "extra_dejson",
        "host",
        "login",
        "password",
        "port",
        "schema",
        "uri",
    }
)


def get_connection_parameter_names() -> set[str]:
    """Return the keys that may describe a connection in a file."""
    return set(_CONNECTION_FIELDS)


def load_variables(file_path: str) -> dict[str, str]:
    """Return the variables of a file by key; values that are not text become JSON."""
    variables = {}
    for key, value in _read(file_path).items():
        if isinstance(value, list):
            if len(value) > 1:
                raise AirflowException(f"The {file_path} file contains multiple values for: {key}")
            value = value[0]
        variables[key] = value if isinstance(value, str) else json.dumps(value)
    return variables


def load_connections_dict(file_path: str) -> dict[str, Connection]:
    """Return the connections of a file by id."""
    connections = {}
    for conn_id, value in _read(file_path).items():
        if isinstance(value, list):
            if len(value) > 1:
                raise ConnectionNotUnique(f"Found multiple values for {conn_id} in {file_path}.")
            value = value[0]
        connections[conn_id] = _create_connection(conn_id, value, file_path)
    return connections


def _create_connection(conn_id: str, value: Any, file_path: str) -> Connection:
    if isinstance(value, str):
        if value.lstrip().startswith("{"):
            return Connection.from_json(value, conn_id)
        return Connection(conn_id=conn_id, uri=value)
    if not isinstance(value, dict):
        raise AirflowException(f"{file_path}: connection {conn_id!r} must be a text or an object")
    unknown = sorted(value.keys() - _CONNECTION_FIELDS)
    if unknown:
        raise AirflowException(
            f"{file_path}: connection {conn_id!r} has the unknown keys {', '.join(unknown)}; "
            f"it may have {', '.join(sorted(_CONNECTION_FIELDS))}"
        )
    fields = dict(value)
    if "extra_dejson" in fields:
        if "extra" in fields:
            raise AirflowException(
                f"{file_path}: connection {conn_id!r} has extra and extra_dejson; give one of them"
            )
        fields["extra"] = fields.pop("extra_dejson")
    if fields.setdefault("conn_id", conn_id) != conn_id:
        raise AirflowException(
            f"Mismatch conn_id. The dictionary key has the value: {conn_id}. "
            f"The item has the value: {fields['conn_id']}."
        )
    return Connection(**fields)


def _read(file_path: str) -> dict[str, Any]:
    if not os.path.exists(file_path):
        raise AirflowException(
            f"File {file_path} was not found. Check the configuration of your Secrets backend."
        )
    suffix = os.path.splitext(file_path)[1].lstrip(".").lower()
    read = _READERS.get(suffix)
    if read is None:
        raise AirflowException(
            f"Unsupported file format: {file_path}; use one of .json, .yaml, .yml, .env"
        )
    with open(file_path, encoding="utf-8") as stream:
        text = stream.read()
    try:
        return read(text)
    except ValueError as error:
        raise AirflowFileParseException(
            "Failed to load the secret file.", file_path, [error]
        ) from None


def _read_json(text: str) -> dict[str, Any]:
    return _as_object(json.loads(text) if text.strip() else {})


def _read_yaml(text: str) -> dict[str, Any]:
    import yaml

    try:
        return _as_object(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _read_env(text: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, mark, value = line.partition("=")
        if not mark or not key:
            raise ValueError(f"line {number}: expected NAME=value")
        values.setdefault(key, []).append(value)
    return values


def _as_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("the file must contain an object")
    return value


_READERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "json": _read_json,
    "yaml": _read_yaml,
    "yml": _read_yaml,
    "env": _read_env,
}


class LocalFilesystemBackend(BaseSecretsBackend):
    """Reads files that `[secrets] backend_kwargs` names; they are read once."""

    def __init__(
        self, variables_file_path: str | None = None, connections_file_path: str | None = None
    ) -> None:
        super().__init__()
        self.variables_file = variables_file_path
        self.connections_file = connections_file_path
        self._variables: dict[str, str] | None = None
        self._connections: dict[str, Connection] | None = None

    @property
    def _local_variables(self) -> dict[str, str]:
        if self._variables is None:
            self._variables = load_variables(self.variables_file) if self.variables_file else {}
        return self._variables

    @property
    def _local_connections(self) -> dict[str, Connection]:
        if self._connections is None:
            path = self.connections_file
            self._connections = load_connections_dict(path) if path else {}
        return self._connections

    def get_connection(self, conn_id: str) -> Connection | None:
        return self._local_connections.get(conn_id)

    def get_variable(self, key: str) -> str | None:
        return self._local_variables.get(key)
