"""Values that JSON lacks, written in JSON: what XComs, triggers and deferrals carry.

A datetime becomes `{"__type": "datetime", "__var": "2024-01-31T00:00:00+00:00"}` and so on; see
docs/formats/environment-protocol.md. Plain values stay as they are.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

TYPE, VALUE = "__type", "__var"


class NotJsonError(TypeError):
    """A value has a type that cannot be written in JSON."""


def encode(value: Any) -> Any:
    """Return `value` as plain JSON values; NotJsonError names the type that cannot be written."""
    if value is None or isinstance(value, (bool, str, int, float)):
        return _encode_scalar(value)
    if isinstance(value, Mapping):
        return _encode_mapping(value)
    if type(value) is list:
        return [encode(item) for item in value]
    if isinstance(value, enum.Enum):
        return encode(value.value)
    special = _encode_special(value)
    if special is not None:
        return {TYPE: special[0], VALUE: special[1]}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return [encode(item) for item in value]
    described = _describe_object(value)
    if described is not None:
        return {TYPE: "object", VALUE: described}
    item = getattr(value, "item", None)  # of a scalar of numpy
    if callable(item) and type(value).__module__ == "numpy" and not getattr(value, "shape", 1):
        return encode(item())
    tolist = getattr(value, "tolist", None)
    if callable(tolist) and type(value).__module__ == "numpy":
        return encode(tolist())
    raise NotJsonError(f"Object of type {type(value).__name__} is not JSON serializable")


def _encode_scalar(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return encode(value.value)
    if isinstance(value, float) and not math.isfinite(value):
        return {TYPE: "float", VALUE: repr(float(value))}
    return value


def _encode_mapping(value: Mapping[Any, Any]) -> Any:
    encoded = {str(key): encode(item) for key, item in value.items()}  # Airflow's keys are text too
    return {TYPE: "dict", VALUE: encoded} if TYPE in encoded else encoded


def _encode_special(value: Any) -> tuple[str, Any] | None:
    if isinstance(value, dt.datetime):
        return "datetime", value.isoformat()
    if isinstance(value, dt.date):
        return "date", value.isoformat()
    if isinstance(value, dt.timedelta):
        return "timedelta", value.total_seconds()
    if isinstance(value, dt.tzinfo):
        return "timezone", getattr(value, "name", None) or getattr(value, "key", None) or str(value)
    for kind, name in ((tuple, "tuple"), (frozenset, "frozenset"), (set, "set")):
        if isinstance(value, kind):
            return name, [encode(item) for item in value]
    if isinstance(value, Decimal):
        return "decimal", str(value)
    return None


def _describe_object(value: Any) -> dict[str, Any] | None:
    from airflow._json_objects import describe_object  # few XComs are objects

    return describe_object(value, encode)


def _restore_object(described: dict[str, Any]) -> Any:
    from airflow._json_objects import restore_object

    return restore_object(described, decode)


def decode(value: Any) -> Any:
    """Return what `encode` was given."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    decoder = _DECODERS.get(value.get(TYPE, "")) if len(value) == 2 and VALUE in value else None
    if decoder is not None:
        return decoder(value[VALUE])
    return {key: decode(item) for key, item in value.items()}


def _decode_datetime(text: str) -> Any:
    import pendulum

    moment = dt.datetime.fromisoformat(text)
    return pendulum.instance(moment) if moment.tzinfo is not None else moment


def _decode_timezone(name: str) -> Any:
    from airflow.utils import timezone

    return timezone.parse_timezone(name)


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "datetime": _decode_datetime,
    "date": dt.date.fromisoformat,
    "timedelta": lambda seconds: dt.timedelta(seconds=seconds),
    "timezone": _decode_timezone,
    "tuple": lambda items: tuple(decode(items)),
    "set": lambda items: set(decode(items)),
    "frozenset": lambda items: frozenset(decode(items)),
    "decimal": Decimal,
    "float": float,
    "dict": lambda items: {key: decode(item) for key, item in items.items()},
    "object": _restore_object,
}
