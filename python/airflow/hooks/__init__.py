"""Hooks: interfaces to other systems. The most used names are here too, as in Airflow 1."""

from __future__ import annotations

from airflow._lazy import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "BaseHook": "airflow.hooks.base",
        "DbApiHook": "airflow.providers.common.sql.hooks.sql",
        "FSHook": "airflow.hooks.filesystem",
        "HttpHook": "airflow.providers.http.hooks.http",
        "MySqlHook": "airflow.providers.mysql.hooks.mysql",
        "PostgresHook": "airflow.providers.postgres.hooks.postgres",
        "S3Hook": "airflow.providers.amazon.aws.hooks.s3",
        "SqliteHook": "airflow.providers.sqlite.hooks.sqlite",
    },
)
