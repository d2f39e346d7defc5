"""`@asset` under a path of early versions of Airflow 3."""

from __future__ import annotations

from airflow.sdk.definitions.asset.decorators import asset

__all__ = ["asset"]
