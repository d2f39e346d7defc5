"""A logger named after the class, as `self.log`; streams that log."""

from __future__ import annotations

import logging
import re
from typing import Any

ANSI_ESCAPE = re.compile(r"\x1B[@-_][0-?]*[ -/]*[@-~]")


def remove_escape_codes(text: str) -> str:
    """Return `text` without the codes of colours."""
    return ANSI_ESCAPE.sub("", text)


class LoggingMixin:
    """Gives a class the property `log`."""

    _log: logging.Logger | None = None
    _log_config_logger_name: str | None = None
    _logger_name: str | None = None

    def __init__(self, context: Any = None) -> None:
        """Be the last of the constructors: those of classes beside this one are not called."""
        if context is not None:
            self._set_context(context)

    @property
    def log(self) -> logging.Logger:
        """The logger of this object's class."""
        if self._log is None:
            self._log = logging.getLogger(self._full_logger_name())
        return self._log

    @property
    def logger(self) -> logging.Logger:
        """The same, under its name in Airflow 1."""
        return self.log

    def _full_logger_name(self) -> str:
        name = self._logger_name
        if name is None:
            name = f"{type(self).__module__}.{type(self).__qualname__}"
        prefix = self._log_config_logger_name
        return f"{prefix}.{name}" if prefix and name else name or prefix or ""

    def _set_context(self, context: Any) -> None:
        set_context(self.log, context)


class ExternalLoggingMixin:
    """A handler of logs that another system keeps; for subclasses."""

    @property
    def log_name(self) -> str:
        """The name of the other system."""
        raise NotImplementedError

    def get_external_log_url(self, task_instance: Any, try_number: int) -> str:
        """Return the address of a log."""
        raise NotImplementedError


class StreamLogWriter:
    """A text stream whose lines are logged."""

    encoding: None = None
    closed = False

    def __init__(self, logger: logging.Logger, level: int) -> None:
        self.logger = logger
        self.level = level
        self._buffer = ""

    def write(self, message: str) -> None:
        """Log the lines that are complete, and keep the rest."""
        *lines, self._buffer = (self._buffer + message).split("\n")
        for line in lines:
            self._log_line(line)

    def flush(self) -> None:
        """Log the rest."""
        if self._buffer:
            self._log_line(self._buffer)
            self._buffer = ""

    def close(self) -> None:
        """Do nothing."""

    def isatty(self) -> bool:
        """Return False."""
        return False

    def _log_line(self, line: str) -> None:
        self.logger.log(self.level, remove_escape_codes(line.rstrip()))


def set_context(logger: logging.Logger, value: Any) -> None:
    """Tell the handlers of a logger, and of those above it, what they log for."""
    current: logging.Logger | None = logger
    while current is not None:
        for handler in current.handlers:
            if hasattr(handler, "set_context"):
                handler.set_context(value)
        current = current.parent if current.propagate else None
