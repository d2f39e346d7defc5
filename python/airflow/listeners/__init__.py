"""Listeners: functions that are told of events. Plugins that define some load; none is called."""

from __future__ import annotations

from airflow.policies import hookimpl

__all__ = ["hookimpl"]
