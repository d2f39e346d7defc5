"""Base class of an author's own rules for the priority of tasks."""

from __future__ import annotations

from typing import Any


class PriorityWeightStrategy:
    """Computes the weight of a task instance; for subclasses."""

    def get_weight(self, ti: Any) -> int:
        """Return the weight of a task instance."""
        raise NotImplementedError(f"{type(self).__name__} lacks get_weight()")

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> PriorityWeightStrategy:
        """Return the strategy that `serialize` has described."""
        return cls(**data)

    def serialize(self) -> dict[str, Any]:
        """Return the arguments as JSON values; for subclasses."""
        return {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return False
        return self.serialize() == other.serialize()

    __hash__ = None  # type: ignore[assignment]
