"""What belongs to the context, under its path in Airflow 3."""

from __future__ import annotations

from airflow.datasets.events import (
    InletEventsAccessors,
    OutletEventAccessor,
    OutletEventAccessors,
)
from airflow.utils.operator_helpers import (
    AIRFLOW_VAR_NAME_FORMAT_MAPPING,
    DEFAULT_FORMAT_PREFIX,
    context_to_airflow_vars,
)

__all__ = [
    "AIRFLOW_VAR_NAME_FORMAT_MAPPING",
    "DEFAULT_FORMAT_PREFIX",
    "InletEventsAccessors",
    "OutletEventAccessor",
    "OutletEventAccessors",
    "context_to_airflow_vars",
]
