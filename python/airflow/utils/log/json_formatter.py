"""JSONFormatter: log records as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any


class JSONFormatter(logging.Formatter):
    """Writes the named fields of a record, and the extra ones of the handler, as a JSON object."""

    def __init__(
        self,
        fmt: str | None = None,
        datefmt: str | None = None,
        style: Any = "%",
        json_fields: Sequence[str] | None = None,
        extras: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(fmt, datefmt, style)
        self.json_fields = json_fields or []
        self.extras = extras or {}

    def usesTime(self) -> bool:  # noqa: N802 - the name of logging
        """Tell whether the time of a record is wanted."""
        return "asctime" in self.json_fields

    def format(self, record: logging.LogRecord) -> str:
        super().format(record)
        fields = {name: getattr(record, name, None) for name in self.json_fields}
        return json.dumps({**fields, **self.extras})
