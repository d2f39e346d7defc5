"""Label under its path in Airflow 3."""

from __future__ import annotations

from airflow.utils.edgemodifier import EdgeModifier, Label

__all__ = ["EdgeModifier", "Label"]
