"""Settings that DAG files read: folders, the time zone, and names of Airflow's database access."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

from airflow.configuration import AIRFLOW_HOME, conf
from airflow.utils.session import Session as _Session
from airflow.utils.timezone import default_timezone

TIMEZONE = default_timezone()
DAGS_FOLDER = os.path.expanduser(conf.get("core", "dags_folder") or f"{AIRFLOW_HOME}/dags")
PLUGINS_FOLDER: str = conf.get("core", "plugins_folder")
SQL_ALCHEMY_CONN: str = conf.get("database", "sql_alchemy_conn")
HEADER = "Beeflow"
LOGGING_LEVEL = logging.INFO
LOG_FORMAT: str = conf.get("logging", "log_format")
SIMPLE_LOG_FORMAT = "%(asctime)s %(levelname)s - %(message)s"
GUNICORN_WORKER_READY_PREFIX = "[ready] "
IS_K8S_OR_K8SCELERY_EXECUTOR = False
IS_EXECUTOR_CONTAINER = False
HIDE_SENSITIVE_VAR_CONN_FIELDS: bool = conf.getboolean("core", "hide_sensitive_var_conn_fields")
USE_JOB_SCHEDULE = True
STORE_SERIALIZED_DAGS = True
STATE_COLORS: dict[str, str] = {}
DASHBOARD_UIALERTS: list[Any] = []
MASK_SECRETS_IN_LOGS = True

Session = _Session
engine = None

__all__ = ["AIRFLOW_HOME", "DAGS_FOLDER", "PLUGINS_FOLDER", "TIMEZONE", "Session", "conf", "json"]


def initialize() -> None:
    """Do nothing: there is nothing to set up."""


def configure_orm(*_: Any, **__: Any) -> None:
    """Do nothing: tasks have no access to the database."""


def configure_vars() -> None:
    """Do nothing: the settings are read when this module is imported."""


def get_session_lifetime_config() -> int:
    """Return how long a login lasts, in minutes."""
    return 43200


def task_policy(task: Any) -> None:
    """Leave a task as it is."""


def dag_policy(dag: Any) -> None:
    """Leave a DAG as it is."""


def task_instance_mutation_hook(task_instance: Any) -> None:
    """Leave a task instance as it is."""


def get_airflow_context_vars(context: Any) -> dict[str, str]:
    """Return more variables for the environment of a task: none."""
    return {}


def lazy_load_plugins() -> bool:
    """Tell whether plugins are loaded when they are needed."""
    return True


def pod_mutation_hook(pod: Any) -> None:
    """Leave a pod as it is."""
