"""Metadata under its path in Airflow 3."""

from __future__ import annotations

from airflow.datasets.metadata import Metadata

__all__ = ["Metadata"]
