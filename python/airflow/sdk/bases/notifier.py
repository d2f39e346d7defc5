"""BaseNotifier under its path in Airflow 3."""

from __future__ import annotations

from airflow.notifications.basenotifier import BaseNotifier

__all__ = ["BaseNotifier"]
