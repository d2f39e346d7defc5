"""`conf`: the configuration as DAG files and operators read it.

A value comes from the environment variable `AIRFLOW__SECTION__KEY`, which the worker sets from its
own configuration, else from the defaults below.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.exceptions import AirflowConfigException

_MISSING: Any = object()

DEFAULTS: dict[tuple[str, str], str] = {
    ("core", "dags_folder"): "",
    ("core", "default_timezone"): "utc",
    ("core", "max_active_tasks_per_dag"): "16",
    ("core", "max_active_runs_per_dag"): "16",
    ("core", "dags_are_paused_at_creation"): "True",
    ("core", "dag_run_conf_overrides_params"): "True",
    ("core", "dagbag_import_timeout"): "30",
    ("core", "default_task_retries"): "0",
    ("core", "default_task_retry_delay"): "300",
    ("core", "max_task_retry_delay"): "86400",
    ("core", "default_task_weight_rule"): "downstream",
    ("core", "default_task_execution_timeout"): "",
    ("core", "default_pool_task_slot_count"): "128",
    ("operators", "default_owner"): "airflow",
    ("operators", "default_queue"): "default",
    ("scheduler", "catchup_by_default"): "True",
    ("scheduler", "ignore_first_depends_on_past_by_default"): "True",
    ("webserver", "base_url"): "http://localhost:8080",
    ("webserver", "dag_default_view"): "grid",
    ("webserver", "dag_orientation"): "LR",
}

_TRUE = frozenset({"t", "true", "y", "yes", "on", "1"})
_FALSE = frozenset({"f", "false", "n", "no", "off", "0"})


class AirflowConfigParser:
    """Read access to the configuration, with the accessors that DAG files use."""

    def get(self, section: str, key: str, fallback: Any = _MISSING, **_: Any) -> Any:
        """Return the text of `[section] key`."""
        section, key = section.lower(), key.lower()
        value = os.environ.get(f"AIRFLOW__{section.upper()}__{key.upper()}")
        if value is None:
            value = DEFAULTS.get((section, key))
        if value is not None:
            return value
        if fallback is not _MISSING:
            return fallback
        raise AirflowConfigException(f"section/key [{section}/{key}] not found in config")

    def getboolean(self, section: str, key: str, fallback: Any = _MISSING, **_: Any) -> Any:
        """Return `[section] key` as a bool."""
        value = self.get(section, key, fallback)
        word = str(value).strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        if value is fallback:
            return value
        raise self._unfit(section, key, value, "a boolean")

    def getint(self, section: str, key: str, fallback: Any = _MISSING, **_: Any) -> Any:
        """Return `[section] key` as an int."""
        return self._number(int, section, key, fallback)

    def getfloat(self, section: str, key: str, fallback: Any = _MISSING, **_: Any) -> Any:
        """Return `[section] key` as a float."""
        return self._number(float, section, key, fallback)

    def has_option(self, section: str, option: str, **_: Any) -> bool:
        """Tell whether `[section] option` has a value."""
        return self.get(section, option, None) is not None

    def _number(self, convert: type, section: str, key: str, fallback: Any) -> Any:
        value = self.get(section, key, fallback)
        if value is fallback:
            return value
        try:
            return convert(value)
        except ValueError:
            raise self._unfit(section, key, value, f"of type {convert.__name__}") from None

    @staticmethod
    def _unfit(section: str, key: str, value: object, wanted: str) -> AirflowConfigException:
        return AirflowConfigException(f"[{section}] {key} must be {wanted}; it is {value!r}")


conf = AirflowConfigParser()

get = conf.get
getboolean = conf.getboolean
getint = conf.getint
getfloat = conf.getfloat
has_option = conf.has_option
