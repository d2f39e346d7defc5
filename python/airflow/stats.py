"""Stats: counters and timers that code of DAGs and providers sends; here they go nowhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


class Timer:
    """Measures the time between its start and stop, or of a `with` block, in `duration` (ms)."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.duration: float | None = None
        self._start: float | None = None

    def start(self) -> Timer:
        """Start measuring."""
        self._start = time.perf_counter()
        return self

    def stop(self, send: bool = True) -> None:
        """Stop measuring."""
        if self._start is not None:
            self.duration = 1000.0 * (time.perf_counter() - self._start)

    def __enter__(self) -> Timer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function


class DummyStatsLogger:
    """Accepts metrics and forgets them."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    @classmethod
    def incr(cls, stat: str, count: int = 1, rate: float = 1, *, tags: Any = None) -> None:
        """Add to a counter."""

    @classmethod
    def decr(cls, stat: str, count: int = 1, rate: float = 1, *, tags: Any = None) -> None:
        """Subtract from a counter."""

    @classmethod
    def gauge(
        cls, stat: str, value: float, rate: float = 1, delta: bool = False, *, tags: Any = None
    ) -> None:
        """Set a gauge."""

    @classmethod
    def timing(cls, stat: str, dt: Any, *, tags: Any = None) -> None:
        """Send a measured time."""

    @classmethod
    def timer(cls, *args: Any, **kwargs: Any) -> Timer:
        """Return a timer."""
        return Timer()


Stats = DummyStatsLogger
