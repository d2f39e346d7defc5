"""JSON with the types that tasks use: times, spans, decimals, sets."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from airflow import _json


class WebEncoder(json.JSONEncoder):
    """Writes what JSON lacks as text or numbers."""

    def default(self, o: Any) -> Any:
        if isinstance(o, (dt.datetime, dt.date)):
            return o.isoformat()
        if isinstance(o, dt.timedelta):
            return o.total_seconds()
        if isinstance(o, Decimal):
            return int(o) if o == o.to_integral_value() else float(o)
        if isinstance(o, (set, frozenset, tuple)):
            return list(o)
        if isinstance(o, bytes):
            return o.decode("unicode_escape")
        return super().default(o)


AirflowJsonEncoder = WebEncoder


class XComEncoder(json.JSONEncoder):
    """Writes values as XComs are stored."""

    def encode(self, o: Any) -> str:
        return super().encode(_json.encode(o))


class XComDecoder(json.JSONDecoder):
    """Reads what `XComEncoder` has written."""

    def decode(self, s: str, **kwargs: Any) -> Any:  # type: ignore[override]
        return _json.decode(super().decode(s, **kwargs))
