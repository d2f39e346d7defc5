"""Validation of params against JSON Schema, for the keywords that are of use there."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
    "null": (type(None),),
}
_LIMITS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "minimum": (lambda value, limit: value >= limit, "less than the minimum of"),
    "maximum": (lambda value, limit: value <= limit, "greater than the maximum of"),
    "exclusiveMinimum": (lambda value, limit: value > limit, "not greater than"),
    "exclusiveMaximum": (lambda value, limit: value < limit, "not less than"),
}


def find_mismatch(value: Any, schema: Mapping[str, Any] | bool) -> str | None:
    """Return how `value` breaks the schema, or None."""
    return next(_mismatches(value, schema), None)


def _mismatches(value: Any, schema: Mapping[str, Any] | bool) -> Iterator[str]:
    if isinstance(schema, bool):
        if not schema:
            yield f"{value!r} is not allowed"
        return
    allowed = schema.get("type")
    if allowed is not None and not _has_type(value, allowed):
        yield f"{value!r} is not of type {allowed!r}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{value!r} is not one of {schema['enum']!r}"
    yield from _combined(value, schema)
    if isinstance(value, str):
        yield from _text(value, schema)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _number(value, schema)
    elif isinstance(value, (list, tuple)):
        yield from _array(value, schema)
    elif isinstance(value, dict):
        yield from _object(value, schema)


def _has_type(value: Any, allowed: str | list[str]) -> bool:
    for name in [allowed] if isinstance(allowed, str) else allowed:
        if isinstance(value, bool) and name in ("integer", "number"):
            continue
        if name == "integer" and isinstance(value, float) and value.is_integer():
            return True
        if isinstance(value, _TYPES.get(name, ())):
            return True
    return False


def _combined(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    for part in schema.get("allOf", ()):
        yield from _mismatches(value, part)
    matches = [find_mismatch(value, part) is None for part in schema.get("anyOf", ())]
    if matches and not any(matches):
        yield f"{value!r} is not valid under any of the given schemas"
    matches = [find_mismatch(value, part) is None for part in schema.get("oneOf", ())]
    if matches and sum(matches) != 1:
        count = "any" if not any(matches) else "exactly one"
        yield f"{value!r} is not valid under {count} of the given schemas"
    if "not" in schema and find_mismatch(value, schema["not"]) is None:
        yield f"{value!r} should not be valid under {schema['not']!r}"


def _text(value: str, schema: Mapping[str, Any]) -> Iterator[str]:
    if len(value) < schema.get("minLength", 0):
        yield f"{value!r} is shorter than {schema['minLength']} characters"
    if "maxLength" in schema and len(value) > schema["maxLength"]:
        yield f"{value!r} is longer than {schema['maxLength']} characters"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{value!r} does not match {schema['pattern']!r}"
    check = _FORMATS.get(schema.get("format", ""))
    if check is not None:
        try:
            check(value)
        except ValueError:
            yield f"{value!r} is not a {schema['format']!r}"


def _number(value: float, schema: Mapping[str, Any]) -> Iterator[str]:
    for name, (holds, words) in _LIMITS.items():
        if name in schema and not holds(value, schema[name]):
            yield f"{value!r} is {words} {schema[name]!r}"
    step = schema.get("multipleOf")
    if step and not math.isclose(value / step, round(value / step), abs_tol=1e-9):
        yield f"{value!r} is not a multiple of {step!r}"


def _array(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    if len(value) < schema.get("minItems", 0):
        yield f"{value!r} has fewer than {schema['minItems']} items"
    if "maxItems" in schema and len(value) > schema["maxItems"]:
        yield f"{value!r} has more than {schema['maxItems']} items"
    if schema.get("uniqueItems") and any(item in value[:i] for i, item in enumerate(value)):
        yield f"{value!r} has non-unique elements"
    items = schema.get("items")
    if isinstance(items, list):
        for item, part in zip(value, items):
            yield from _mismatches(item, part)
    elif items is not None:
        for item in value:
            yield from _mismatches(item, items)


def _object(value: dict[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{name!r} is a required property"
    for name, item in value.items():
        if name in properties:
            yield from _mismatches(item, properties[name])
        elif "additionalProperties" in schema:
            for problem in _mismatches(item, schema["additionalProperties"]):
                yield f"property {name!r}: {problem}"


def _check_time(value: str) -> None:
    dt.time.fromisoformat(value)


_FORMATS: dict[str, Callable[[str], Any]] = {
    "date": dt.date.fromisoformat,
    # As in Airflow 2, a date alone is one too, and so is a moment without a zone.
    "date-time": dt.datetime.fromisoformat,
    "time": _check_time,
    "regex": re.compile,
}
