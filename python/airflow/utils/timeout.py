"""A limit on the time of a block."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any

from airflow.exceptions import AirflowTaskTimeout
from airflow.utils.log.logging_mixin import LoggingMixin


class timeout(LoggingMixin):  # noqa: N801 - the name that Airflow gives it
    """`with timeout(5): ...` raises AirflowTaskTimeout in the block after so many seconds."""

    def __init__(self, seconds: float = 1, error_message: str = "Timeout") -> None:
        self.seconds = seconds
        self.error_message = f"{error_message}, PID: {os.getpid()}"
        self._before: Any = None

    def handle_timeout(self, signum: int, frame: FrameType | None) -> None:
        """Raise the error."""
        self.log.error("Process timed out, PID: %s", os.getpid())
        raise AirflowTaskTimeout(self.error_message)

    def __enter__(self) -> timeout:
        self._before = signal.signal(signal.SIGALRM, self.handle_timeout)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)


TimeoutPosix = timeout
