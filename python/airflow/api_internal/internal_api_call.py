"""Decorator and settings of Airflow's internal API, which Beeflow does not need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class InternalApiConfig:
    """Says that the internal API is not used."""

    @staticmethod
    def get_use_internal_api() -> bool:
        """Return False."""
        return False


def internal_api_call(func: F) -> F:
    """Return `func` as it is."""
    return func
