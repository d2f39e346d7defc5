"""`conf`: the configuration as DAG files and operators read it.

A value comes from the environment variable `BEEFLOW__SECTION__KEY` or `AIRFLOW__SECTION__KEY`,
which the worker sets from its own configuration; else from the defaults below; else, for sections
that only DAG files know, from `beeflow.cfg` or `airflow.cfg` in the home folder.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowConfigException

if TYPE_CHECKING:
    from airflow.secrets.base_secrets import BaseSecretsBackend

_MISSING: Any = object()

DEFAULTS: dict[tuple[str, str], str] = {
    ("api", "auth_backends"): "airflow.api.auth.backend.session",
    ("cli", "api_client"): "airflow.api.client.local_client",
    ("core", "allowed_deserialization_classes"): "airflow.*",
    ("core", "dag_file_processor_timeout"): "50",
    ("core", "dag_run_conf_overrides_params"): "True",
    ("core", "dag_discovery_safe_mode"): "True",
    ("core", "dagbag_import_timeout"): "30",
    ("core", "dags_are_paused_at_creation"): "True",
    ("core", "dags_folder"): "",
    ("core", "default_impersonation"): "",
    ("core", "default_pool_task_slot_count"): "128",
    ("core", "default_task_execution_timeout"): "",
    ("core", "default_task_retries"): "0",
    ("core", "default_task_retry_delay"): "300",
    ("core", "default_task_weight_rule"): "downstream",
    ("core", "default_timezone"): "utc",
    ("core", "donot_pickle"): "True",
    ("core", "enable_xcom_pickling"): "False",
    ("core", "executor"): "LocalExecutor",
    ("core", "fernet_key"): "",
    ("core", "hide_sensitive_var_conn_fields"): "True",
    ("core", "hostname_callable"): "airflow.utils.net.getfqdn",
    ("core", "killed_task_cleanup_time"): "60",
    ("core", "load_examples"): "False",
    ("core", "max_active_runs_per_dag"): "16",
    ("core", "max_active_tasks_per_dag"): "16",
    ("core", "max_map_length"): "1024",
    ("core", "max_num_rendered_ti_fields_per_task"): "30",
    ("core", "max_task_retry_delay"): "86400",
    ("core", "parallelism"): "32",
    ("core", "security"): "",
    ("core", "sensitive_var_conn_names"): "",
    ("core", "test_connection"): "Disabled",
    ("core", "unit_test_mode"): "False",
    ("core", "xcom_backend"): "airflow.models.xcom.BaseXCom",
    ("email", "default_email_on_failure"): "True",
    ("email", "default_email_on_retry"): "True",
    ("email", "email_backend"): "airflow.utils.email.send_email_smtp",
    ("email", "email_conn_id"): "smtp_default",
    ("email", "ssl_context"): "default",
    ("kubernetes_executor", "namespace"): "default",
    ("kubernetes_executor", "worker_container_repository"): "",
    ("kubernetes_executor", "worker_container_tag"): "",
    ("logging", "colored_console_log"): "False",
    ("logging", "encrypt_s3_logs"): "False",
    ("logging", "fab_logging_level"): "WARNING",
    ("logging", "log_format"): (
        "[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s"
    ),
    ("logging", "logging_level"): "INFO",
    ("logging", "remote_base_log_folder"): "",
    ("logging", "remote_log_conn_id"): "",
    ("logging", "remote_logging"): "False",
    ("metrics", "statsd_on"): "False",
    ("operators", "allow_illegal_arguments"): "False",
    ("operators", "default_cpus"): "1",
    ("operators", "default_deferrable"): "False",
    ("operators", "default_disk"): "512",
    ("operators", "default_gpus"): "0",
    ("operators", "default_owner"): "airflow",
    ("operators", "default_queue"): "default",
    ("operators", "default_ram"): "512",
    ("scheduler", "catchup_by_default"): "True",
    ("scheduler", "ignore_first_depends_on_past_by_default"): "True",
    ("secrets", "backend"): "",
    ("secrets", "backend_kwargs"): "",
    ("sensors", "default_timeout"): "604800",
    ("smtp", "smtp_host"): "localhost",
    ("smtp", "smtp_mail_from"): "airflow@example.com",
    ("smtp", "smtp_port"): "25",
    ("smtp", "smtp_retry_limit"): "5",
    ("smtp", "smtp_ssl"): "False",
    ("smtp", "smtp_starttls"): "True",
    ("smtp", "smtp_timeout"): "30",
    ("webserver", "base_url"): "http://localhost:8080",
    ("webserver", "dag_default_view"): "grid",
    ("webserver", "dag_orientation"): "LR",
    ("webserver", "rbac"): "True",
    ("webserver", "web_server_port"): "8080",
}

# Where a setting went that older files still ask for by its former name.
MOVED: dict[tuple[str, str], tuple[str, str]] = {
    ("core", "base_log_folder"): ("logging", "base_log_folder"),
    ("core", "dag_concurrency"): ("core", "max_active_tasks_per_dag"),
    ("core", "logging_level"): ("logging", "logging_level"),
    ("core", "remote_base_log_folder"): ("logging", "remote_base_log_folder"),
    ("core", "remote_logging"): ("logging", "remote_logging"),
    ("core", "sql_alchemy_conn"): ("database", "sql_alchemy_conn"),
    ("kubernetes", "namespace"): ("kubernetes_executor", "namespace"),
}

# Sections without settings of provider packages.
_CORE_SECTIONS = {section for section, _ in DEFAULTS} - {"kubernetes_executor"}
_CORE_SECTIONS |= {"database", "sensors", "smtp", "traces", "triggerer"}

_TRUE = frozenset({"t", "true", "y", "yes", "on", "1"})
_FALSE = frozenset({"f", "false", "n", "no", "off", "0"})


def get_airflow_home() -> str:
    """Return the home folder: `BEEFLOW_HOME`, else `AIRFLOW_HOME`, else `~/beeflow`."""
    home = os.environ.get("BEEFLOW_HOME") or os.environ.get("AIRFLOW_HOME") or "~/beeflow"
    return expand_env_var(home)


def expand_env_var(env_var: str) -> str:
    """Return a path with `~` and environment variables replaced."""
    return os.path.expanduser(os.path.expandvars(env_var)) if env_var else env_var


def get_airflow_config(airflow_home: str) -> str:
    """Return the path of the configuration file."""
    named = os.environ.get("AIRFLOW_CONFIG")
    return expand_env_var(named) if named else os.path.join(airflow_home, "airflow.cfg")


def _home_setting(section: str, key: str) -> str | None:
    """Return the settings whose defaults follow from the home folder."""
    below_home = {
        ("core", "plugins_folder"): "{home}/plugins",
        ("database", "sql_alchemy_conn"): "sqlite:///{home}/beeflow.db",
        ("logging", "base_log_folder"): "{home}/logs",
    }.get((section, key))
    return None if below_home is None else below_home.format(home=get_airflow_home())


@functools.cache
def _read_file(path: str) -> Mapping[tuple[str, str], str]:
    """Return what a configuration file says, by section and key."""
    from configparser import RawConfigParser

    parser = RawConfigParser(strict=False)
    parser.read(path, encoding="utf-8")
    return {
        (section.lower(), key): value
        for section in parser.sections()
        for key, value in parser.items(section)
    }


def _from_files(section: str, key: str) -> str | None:
    home = get_airflow_home()
    for path in (os.path.join(home, "beeflow.cfg"), get_airflow_config(home)):
        if os.path.exists(path):
            value = _read_file(path).get((section, key))
            if value is not None:
                return value
    return None


@functools.cache
def _package_defaults() -> Mapping[str, Mapping[str, str]]:
    """Return the defaults that installed provider packages announce, by section and key."""
    from airflow.providers_manager import ProvidersManager

    found: dict[str, dict[str, str]] = {}
    for _, sections in ProvidersManager().provider_configs:
        for section, described in sections.items():
            defaults = found.setdefault(section.lower(), {})
            for key, option in (described.get("options") or {}).items():
                if option.get("default") is not None:
                    defaults[key.lower()] = str(option["default"])
    return found


def _from_packages(section: str) -> Mapping[str, str]:
    """Return the defaults of a section by key; nobody is asked for those of Airflow itself."""
    return {} if section in _CORE_SECTIONS else _package_defaults().get(section, {})


class AirflowConfigParser:
    """Access to the configuration, with the accessors that DAG files use."""

    def __init__(self) -> None:
        self._set: dict[tuple[str, str], str] = {}

    def get(self, section: str, key: str, fallback: Any = _MISSING, **_: Any) -> Any:
        """Return the text of `[section] key`."""
        value = self._lookup(section, key)
        if value is not None:
            return value
        if fallback is not _MISSING:
            return fallback
        raise AirflowConfigException(
            f"section/key [{section.lower()}/{key.lower()}] not found in config"
        )

    def _lookup(self, section: str, key: str) -> str | None:
        section, key = section.lower(), key.lower()
        section, key = MOVED.get((section, key), (section, key))
        if (section, key) in self._set:
            return self._set[section, key]
        name = f"{section.upper()}__{key.upper()}"
        value = os.environ.get(f"BEEFLOW__{name}", os.environ.get(f"AIRFLOW__{name}"))
        if value is not None:
            return expand_env_var(value) if "$" in value or value.startswith("~") else value
        if (section, key) in DEFAULTS:
            return DEFAULTS[section, key]
        found = _from_files(section, key) or _home_setting(section, key)
        return _from_packages(section).get(key) if found is None else found

    def set(self, section: str, option: str, value: str) -> None:
        """Set `[section] option` for this process."""
        self._set[section.lower(), option.lower()] = value

    def remove_option(self, section: str, option: str, remove_default: bool = True) -> None:
        """Undo `set`."""
        self._set.pop((section.lower(), option.lower()), None)

    def get_mandatory_value(self, section: str, key: str, **kwargs: Any) -> str:
        """Return the text of `[section] key`; an error where it has none."""
        return str(self.get(section, key, **kwargs))

    def getboolean(self, section: str, key: str, fallback: Any = _MISSING, **_: Any) -> Any:
        """Return `[section] key` as a bool."""
        value = self.get(section, key, fallback)
        word = str(value).split("#")[0].strip().lower()
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

    def getlist(
        self, section: str, key: str, fallback: Any = _MISSING, delimiter: str = ",", **_: Any
    ) -> Any:
        """Return `[section] key` as a list of texts."""
        value = self.get(section, key, fallback)
        return value if value is fallback else [part.strip() for part in value.split(delimiter)]

    def getjson(self, section: str, key: str, fallback: Any = _MISSING, **_: Any) -> Any:
        """Return `[section] key` as a JSON value."""
        import json

        value = self.get(section, key, fallback)
        if value is fallback:
            return value
        try:
            return json.loads(value) if value else (None if fallback is _MISSING else fallback)
        except ValueError:
            raise self._unfit(section, key, value, "JSON") from None

    def gettimedelta(self, section: str, key: str, fallback: Any = _MISSING, **_: Any) -> Any:
        """Return `[section] key`, a number of seconds, as a timedelta."""
        value = self.get(section, key, fallback)
        if value is fallback or not value:
            return None if value is _MISSING or not value else value
        return timedelta(seconds=self._number(int, section, key, fallback))

    def getimport(self, section: str, key: str, **_: Any) -> Any:
        """Return the object that `[section] key` names by its dotted path, or None."""
        from airflow.utils.module_loading import import_string

        path = self.get(section, key, "")
        try:
            return import_string(path) if path else None
        except ImportError as error:
            raise self._unfit(section, key, path, f"importable ({error})") from None

    def getsection(self, section: str) -> dict[str, Any] | None:
        """Return all of a section by key, or None where there is nothing."""
        section = section.lower()
        found = dict(self._section_items(section))
        return found or None

    def _section_items(self, section: str) -> Mapping[str, Any]:
        keys = {key for where, key in [*DEFAULTS, *self._set] if where == section}
        for prefix in (f"AIRFLOW__{section.upper()}__", f"BEEFLOW__{section.upper()}__"):
            keys |= {n[len(prefix) :].lower() for n in os.environ if n.startswith(prefix)}
        home = get_airflow_home()
        for path in (os.path.join(home, "beeflow.cfg"), get_airflow_config(home)):
            if os.path.exists(path):
                keys |= {key for where, key in _read_file(path) if where == section}
        keys |= _from_packages(section).keys()
        return {key: _as_value(self._lookup(section, key)) for key in sorted(keys)}

    def sections(self) -> list[str]:
        """Return the names of the sections that have defaults or were set."""
        return sorted({section for section, _ in [*DEFAULTS, *self._set]})

    def as_dict(self, *_: Any, **__: Any) -> dict[str, dict[str, Any]]:
        """Return all sections by name."""
        return {section: dict(self._section_items(section)) for section in self.sections()}

    def has_section(self, section: str) -> bool:
        """Tell whether a section has any value."""
        return self.getsection(section) is not None

    def has_option(self, section: str, option: str, **_: Any) -> bool:
        """Tell whether `[section] option` has a value."""
        return self._lookup(section, option) is not None

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


def _as_value(text: str | None) -> Any:
    """Return a text of a section as the number or bool that it reads as."""
    if text is None:
        return None
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


_backends: tuple[str, list[BaseSecretsBackend]] | None = None


def secrets_backend_list() -> list[BaseSecretsBackend]:
    """Return where variables and connections are looked up, in order."""
    global _backends
    configured = conf.get("secrets", "backend")
    if _backends is None or _backends[0] != configured:
        _backends = configured, initialize_secrets_backends()
    return _backends[1]


ensure_secrets_loaded = secrets_backend_list


def initialize_secrets_backends() -> list[BaseSecretsBackend]:
    """Return new backends: the configured one, the environment and the database."""
    from airflow.secrets.environment_variables import EnvironmentVariablesBackend
    from airflow.secrets.metastore import MetastoreBackend

    custom = get_custom_secret_backend()
    return [
        *([custom] if custom is not None else []),
        EnvironmentVariablesBackend(),
        MetastoreBackend(),
    ]


def get_custom_secret_backend() -> BaseSecretsBackend | None:
    """Return the backend that `[secrets] backend` names, or None."""
    backend_class = conf.getimport("secrets", "backend")
    if backend_class is None:
        return None
    backend: BaseSecretsBackend = backend_class(**(conf.getjson("secrets", "backend_kwargs", {})))
    return backend


conf = AirflowConfigParser()

AIRFLOW_HOME = get_airflow_home()
AIRFLOW_CONFIG = get_airflow_config(AIRFLOW_HOME)

get = conf.get
getboolean = conf.getboolean
getint = conf.getint
getfloat = conf.getfloat
getlist = conf.getlist
getjson = conf.getjson
getsection = conf.getsection
has_option = conf.has_option
set = conf.set
as_dict = conf.as_dict
remove_option = conf.remove_option
