"""Names of `typing` that Airflow offers on every version of Python."""

from __future__ import annotations

from typing import (
    Annotated,
    Literal,
    ParamSpec,
    Protocol,
    Self,
    TypeAlias,
    TypedDict,
    TypeGuard,
    Unpack,
    runtime_checkable,
)

__all__ = [
    "Annotated",
    "Literal",
    "ParamSpec",
    "Protocol",
    "Self",
    "TypeAlias",
    "TypeGuard",
    "TypedDict",
    "Unpack",
    "runtime_checkable",
]
