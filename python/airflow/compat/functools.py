"""Names of `functools` that Airflow offers on every version of Python."""

from __future__ import annotations

from functools import cache, cached_property

__all__ = ["cache", "cached_property"]
