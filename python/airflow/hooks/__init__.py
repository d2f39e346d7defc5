"""Hooks: interfaces to other systems. The most used names are here too, as in Airflow 1."""

from __future__ import annotations

import functools

from airflow._lazy import lazy_exports
from airflow.plugins_manager import find_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "BaseHook": "airflow.hooks.base",
        "DbApiHook": "airflow.providers.common.sql.hooks.sql",
        "FSHook": "airflow.hooks.filesystem",
        "HiveCliHook": "airflow.providers.apache.hive.hooks.hive",
        "HiveMetastoreHook": "airflow.providers.apache.hive.hooks.hive",
        "HiveServer2Hook": "airflow.providers.apache.hive.hooks.hive",
        "HttpHook": "airflow.providers.http.hooks.http",
        "MySqlHook": "airflow.providers.mysql.hooks.mysql",
        "PostgresHook": "airflow.providers.postgres.hooks.postgres",
        "PrestoHook": "airflow.providers.presto.hooks.presto",
        "S3Hook": "airflow.providers.amazon.aws.hooks.s3",
        "SqliteHook": "airflow.providers.sqlite.hooks.sqlite",
    },
    functools.partial(find_exports, "hooks"),
)
