"""The accessors of the context, under its path in Airflow 3."""

from __future__ import annotations

from airflow.datasets.events import InletEventsAccessors, OutletEventAccessor, OutletEventAccessors

__all__ = ["InletEventsAccessors", "OutletEventAccessor", "OutletEventAccessors"]
