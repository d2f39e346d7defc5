"""XCom under its path in Airflow 3."""

from __future__ import annotations

from airflow.models.xcom import XCom

__all__ = ["XCom"]
