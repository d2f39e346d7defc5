"""Settings that provider packages define; they are read from the environment and the files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


def providers_configuration_loaded(func: F) -> F:
    """Return `func` as it is: there is nothing to load."""
    return func
