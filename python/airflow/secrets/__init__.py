"""Where variables and connections are looked up: secrets backends, in order."""

from __future__ import annotations

from airflow._lazy import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {"BaseSecretsBackend": "airflow.secrets.base_secrets"},
)

DEFAULT_SECRETS_SEARCH_PATH = [
    "airflow.secrets.environment_variables.EnvironmentVariablesBackend",
    "airflow.secrets.metastore.MetastoreBackend",
]

__all__ = ["DEFAULT_SECRETS_SEARCH_PATH", "BaseSecretsBackend"]
