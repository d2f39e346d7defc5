"""Object storage under its path in Airflow 3."""

from __future__ import annotations

from airflow.io.path import ObjectStoragePath

__all__ = ["ObjectStoragePath"]
