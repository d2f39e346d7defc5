"""Entry points of installed packages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def entry_points_with_dist(group: str) -> Iterator[tuple[Any, Any]]:
    """Yield the entry points of a group with their distributions."""
    from importlib.metadata import distributions

    for distribution in distributions():
        for entry in distribution.entry_points:
            if entry.group == group:
                yield entry, distribution
