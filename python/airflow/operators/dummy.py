"""DummyOperator, the former name of EmptyOperator."""

from __future__ import annotations

from typing import Any

from airflow.operators.empty import EmptyOperator
from airflow.utils.user_warnings import warn_removed

warn_removed(
    "The `airflow.operators.dummy` module is deprecated. Please use `airflow.operators.empty`."
)


class DummyOperator(EmptyOperator):
    """Use `airflow.operators.empty.EmptyOperator`."""

    @property
    def inherits_from_dummy_operator(self) -> bool:
        """Always true."""
        return True

    def __init__(self, **kwargs: Any) -> None:
        warn_removed("DummyOperator is deprecated. Please use EmptyOperator.")
        super().__init__(**kwargs)
