"""Where the output of an attempt goes: descriptors 1 and 2, and Python's logging."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

from airflow.utils.log import secrets_masker

_FORMAT = "[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s"


class LogFormatter(logging.Formatter):
    """Formats as Airflow does: `[2026-01-31T12:00:00.000+0000] {file.py:12} INFO - text`."""

    def __init__(self) -> None:
        super().__init__(_FORMAT)
        self._second = -1  # that of the last record
        self._date = self._offset = ""

    def formatTime(  # noqa: N802 - the name that logging gives it
        self, record: logging.LogRecord, datefmt: str | None = None
    ) -> str:
        second = int(record.created)
        if second != self._second:
            moment = datetime.fromtimestamp(second).astimezone()
            self._second, self._date = second, f"{moment:%Y-%m-%dT%H:%M:%S}"
            self._offset = f"{moment:%z}"
        return f"{self._date}.{int(record.msecs):03d}{self._offset}"


class OutputHandler(logging.StreamHandler[TextIO]):
    """Writes to whatever descriptor 1 is, even where user code has replaced `sys.stdout`."""

    def __init__(self) -> None:
        # Line-buffered like sys.stdout, so that printed and logged lines keep their order.
        super().__init__(
            open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
        )
        self.setFormatter(LogFormatter())


def configure_logging() -> None:
    """Send what is logged to the output of the attempt."""
    root = logging.getLogger()
    root.handlers[:] = [OutputHandler()]
    secrets_masker.install(root.handlers)
    root.setLevel(os.environ.get("AIRFLOW__LOGGING__LOGGING_LEVEL", "INFO"))
    logging.captureWarnings(True)


def configure_streams() -> None:
    """Make `sys.stdout` and `sys.stderr` write each line at once, in UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


@contextlib.contextmanager
def redirected_output(descriptor: int) -> Iterator[None]:
    """Within the block, descriptors 1 and 2 are `descriptor`, which is taken over and closed."""
    streams = sys.stdout, sys.stderr
    saved = [os.dup(1), os.dup(2)]  # not inheritable
    try:
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.close(descriptor)
        secrets_masker.install()
        yield
    finally:
        _flush(sys.stdout, sys.stderr, *streams)
        sys.stdout, sys.stderr = streams
        for target, source in zip((1, 2), saved):
            os.dup2(source, target)
            os.close(source)


class CapturedOutput:
    """`with CapturedOutput() as output: ...` keeps what the block prints and logs."""

    text = ""
    _LONGEST = 65536  # characters

    def __enter__(self) -> CapturedOutput:
        self._file = os.memfd_create("output")
        self._redirection = redirected_output(os.dup(self._file))
        self._redirection.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._redirection.__exit__(*error)
        with open(self._file, encoding="utf-8", errors="backslashreplace") as file:
            file.seek(0)
            text = file.read(self._LONGEST + 1)
        self.text = text if len(text) <= self._LONGEST else f"{text[: self._LONGEST]} ...\n"


def _flush(*streams: TextIO) -> None:
    for stream in streams:
        # User code may have closed or replaced them.
        with contextlib.suppress(Exception):
            stream.flush()
