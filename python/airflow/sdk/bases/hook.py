"""BaseHook under its path in Airflow 3."""

from __future__ import annotations

from airflow.hooks.base import BaseHook

__all__ = ["BaseHook"]
