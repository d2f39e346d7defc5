"""Params under its path in Airflow 3."""

from __future__ import annotations

from airflow.models.param import Param, ParamsDict

__all__ = ["Param", "ParamsDict"]
