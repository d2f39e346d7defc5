"""Variables and connections from `AIRFLOW_VAR_<KEY>` and `AIRFLOW_CONN_<ID>`."""

from __future__ import annotations

import os

from airflow.secrets.base_secrets import BaseSecretsBackend

CONN_ENV_PREFIX = "AIRFLOW_CONN_"
VAR_ENV_PREFIX = "AIRFLOW_VAR_"


class EnvironmentVariablesBackend(BaseSecretsBackend):
    """Reads the environment of the process."""

    def get_conn_value(self, conn_id: str) -> str | None:
        return os.environ.get(CONN_ENV_PREFIX + conn_id.upper())

    def get_variable(self, key: str) -> str | None:
        return os.environ.get(VAR_ENV_PREFIX + key.upper())
