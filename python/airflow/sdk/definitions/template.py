"""literal under its path in Airflow 3."""

from __future__ import annotations

from airflow.utils.template import literal

__all__ = ["literal"]
