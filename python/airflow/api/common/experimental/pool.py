"""Pools under their path in Airflow 1 and 2."""

from __future__ import annotations

from airflow.models.pool import Pool, get_pool

__all__ = ["Pool", "create_pool", "delete_pool", "get_pool"]

create_pool = Pool.create_or_update_pool
delete_pool = Pool.delete_pool
