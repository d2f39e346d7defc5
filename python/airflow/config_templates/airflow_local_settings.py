"""DEFAULT_LOGGING_CONFIG, for files that copy and change it; Beeflow writes its logs by itself."""

from __future__ import annotations

from typing import Any

from airflow.configuration import conf

LOG_LEVEL: str = conf.get("logging", "logging_level").upper()
LOG_FORMAT: str = conf.get("logging", "log_format")
BASE_LOG_FOLDER: str = conf.get("logging", "base_log_folder")

_TASK_LOGGER = {"handlers": ["task"], "level": LOG_LEVEL, "propagate": True}

DEFAULT_LOGGING_CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask_secrets": {"()": "airflow.utils.log.secrets_masker.SecretsMasker"}},
    "formatters": {"airflow": {"format": LOG_FORMAT}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "airflow"},
        "task": {"class": "logging.StreamHandler", "formatter": "airflow"},
    },
    "loggers": {"airflow.task": _TASK_LOGGER},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
