"""Base and column types of Airflow's database models, for code that imports them."""

from __future__ import annotations

from typing import Any

from airflow.models._database import DatabaseModel

ID_LEN = 250
COLLATION_ARGS: dict[str, Any] = {}

Base = DatabaseModel


class StringID(str):
    """Type of the columns that hold ids."""
