"""GenericTransfer, where Airflow 3 has it."""

from __future__ import annotations

from airflow.operators.generic_transfer import GenericTransfer

__all__ = ["GenericTransfer"]
