"""Weight rules: how the priority of a task follows from the tasks around it."""

from __future__ import annotations

from enum import Enum


class WeightRule(str, Enum):
    """Which priority weights add up to the one that counts."""

    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    ABSOLUTE = "absolute"

    @classmethod
    def is_valid(cls, weight_rule: str) -> bool:
        """Tell whether `weight_rule` is one of the rules."""
        return weight_rule in cls.all_weight_rules()

    @classmethod
    def all_weight_rules(cls) -> set[str]:
        """Return all rules."""
        return {rule.value for rule in cls}

    def __str__(self) -> str:
        return self.value
