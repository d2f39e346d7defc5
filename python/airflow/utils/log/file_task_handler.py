"""FileTaskHandler, from which handlers of provider packages derive; the worker writes the logs."""

from __future__ import annotations

import logging
from typing import Any

from airflow.utils.log.logging_mixin import LoggingMixin


class FileTaskHandler(logging.Handler, LoggingMixin):
    """A handler that keeps the folder of the logs and writes nothing."""

    trigger_should_wrap = False

    def __init__(
        self, base_log_folder: str, filename_template: str | None = None, **_: Any
    ) -> None:
        super().__init__()
        self.handler: logging.Handler | None = None
        self.local_base = base_log_folder

    def set_context(self, ti: Any, **_: Any) -> None:
        """Take note of nothing."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write nothing."""
