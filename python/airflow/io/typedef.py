"""Types of object storage."""

from __future__ import annotations


class Properties(dict[str, str]):
    """The options of a store."""
