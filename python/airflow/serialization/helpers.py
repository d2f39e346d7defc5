"""Values of templated fields for people."""

from __future__ import annotations

from typing import Any

from airflow import _json


def serialize_template_field(template_field: Any, name: str = "") -> Any:
    """Return a JSON value, or the text of what JSON cannot say."""
    try:
        return _json.encode(template_field)
    except TypeError:
        return str(template_field)
