"""BaseOperatorLink under its path in Airflow 3."""

from __future__ import annotations

from airflow.models.baseoperatorlink import BaseOperatorLink

__all__ = ["BaseOperatorLink"]
