"""Texts."""

from __future__ import annotations

import random
import string

TRUE_LIKE_VALUES = frozenset({"on", "t", "true", "y", "yes", "1"})


def get_random_string(length: int = 8, choices: str = string.ascii_letters + string.digits) -> str:
    """Return a random text."""
    return "".join(random.choices(choices, k=length))


def to_boolean(astring: str | None) -> bool:
    """Tell whether a text means yes."""
    return (astring or "").lower() in TRUE_LIKE_VALUES
