"""Types of metrics."""

from __future__ import annotations

from airflow.stats import Timer

__all__ = ["Timer", "TimerProtocol"]

TimerProtocol = Timer
