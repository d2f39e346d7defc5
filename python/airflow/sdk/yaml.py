"""YAML under its path in Airflow 3."""

from __future__ import annotations

from airflow.utils.yaml import dump, safe_load

__all__ = ["dump", "safe_load"]
