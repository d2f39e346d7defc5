"""BaseSensorOperator under its path in Airflow 3."""

from __future__ import annotations

from airflow.sensors.base import BaseSensorOperator, PokeReturnValue, poke_mode_only

__all__ = ["BaseSensorOperator", "PokeReturnValue", "poke_mode_only"]
