"""A logger named after the class, as `self.log`."""

from __future__ import annotations

import logging


class LoggingMixin:
    """Gives a class the property `log`."""

    _log: logging.Logger | None = None
    _log_config_logger_name: str | None = None
    _logger_name: str | None = None

    @property
    def log(self) -> logging.Logger:
        """The logger of this object's class."""
        if self._log is None:
            self._log = logging.getLogger(self._full_logger_name())
        return self._log

    def _full_logger_name(self) -> str:
        name = self._logger_name
        if name is None:
            name = f"{type(self).__module__}.{type(self).__qualname__}"
        prefix = self._log_config_logger_name
        return f"{prefix}.{name}" if prefix and name else name or prefix or ""
