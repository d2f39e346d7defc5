"""Wrappers that steer how a templated field is rendered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow.utils.mixins import ResolveMixin


@dataclass(frozen=True)
class LiteralValue(ResolveMixin):
    """A value that is passed on unrendered."""

    value: Any

    def iter_references(self) -> Iterable[tuple[Any, str]]:
        return ()

    def resolve(self, context: Mapping[str, Any]) -> Any:
        return self.value


def literal(value: Any) -> LiteralValue:
    """Wrap `value` so that it is not rendered: `bash_command=literal("echo {{ this }}")`."""
    return LiteralValue(value)
