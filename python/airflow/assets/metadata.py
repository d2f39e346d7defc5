"""Metadata of an asset's event, under Airflow 3's path."""

from __future__ import annotations

from airflow.datasets.metadata import Metadata

__all__ = ["Metadata"]
