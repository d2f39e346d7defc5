"""Mix-ins that templated values share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class ResolveMixin:
    """A value that stands for one known only when the task runs."""

    def iter_references(self) -> Iterable[tuple[Any, str]]:
        """Yield the (operator, XCom key) pairs that the value depends on."""
        raise NotImplementedError

    def resolve(self, context: Mapping[str, Any]) -> Any:
        """Return the value that this one stands for."""
        raise NotImplementedError
