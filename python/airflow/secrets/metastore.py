"""Variables and connections from the metadata database, which the engine reads for us."""

from __future__ import annotations

from typing import Any

from airflow import _engine
from airflow.models.connection import Connection
from airflow.secrets.base_secrets import BaseSecretsBackend


class MetastoreBackend(BaseSecretsBackend):
    """Asks the attached engine; without one it has nothing."""

    def get_connection(self, conn_id: str, session: Any = None) -> Connection | None:
        engine = _engine.attached()
        fields = None if engine is None else engine.request("connection_get", conn_id=conn_id)
        return None if fields is None else Connection(**fields)

    def get_variable(self, key: str, session: Any = None) -> str | None:
        engine = _engine.attached()
        return None if engine is None else engine.variable_get(key)
