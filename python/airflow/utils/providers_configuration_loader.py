"""Settings that provider packages define; the configuration asks for them when it needs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


def providers_configuration_loaded(func: F) -> F:
    """Return `func` as it is: there is nothing to load."""
    return func
