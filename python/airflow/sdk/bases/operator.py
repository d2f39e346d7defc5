"""BaseOperator under its path in Airflow 3."""

from __future__ import annotations

from airflow.models.baseoperator import BaseOperator, chain, chain_linear, cross_downstream

__all__ = ["BaseOperator", "chain", "chain_linear", "cross_downstream"]
