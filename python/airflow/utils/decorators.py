"""`apply_defaults`, which custom operators written for Airflow 1 still carry."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from airflow.utils.user_warnings import warn_removed

T = TypeVar("T", bound=Callable[..., object])


def apply_defaults(func: T) -> T:
    """Return `func` as it is: default arguments are applied to every operator."""
    warn_removed(
        "This decorator is deprecated. In previous versions, all subclasses of BaseOperator must "
        "use apply_default decorator for the `default_args` feature to work properly. In current "
        "version, it is optional. The decorator is applied automatically using the metaclass."
    )
    return func
