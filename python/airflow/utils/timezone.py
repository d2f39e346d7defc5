"""Time zones: aware datetimes in, aware pendulum datetimes out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pendulum
from pendulum.tz.timezone import FixedTimezone, Timezone

from airflow.configuration import conf

utc = pendulum.tz.timezone("UTC")


def default_timezone() -> Timezone:
    """Return the zone that naive datetimes are in: `[core] default_timezone`."""
    name = conf.get("core", "default_timezone")
    if name == "system":
        return pendulum.tz.local_timezone()
    return utc if name.lower() == "utc" else pendulum.tz.timezone(name)


def parse_timezone(name: str | int) -> Timezone:
    """Return the zone of an IANA name, or of an offset in seconds."""
    if isinstance(name, int):
        return _fixed(name)
    return utc if name.lower() == "utc" else pendulum.tz.timezone(name)


def as_pendulum_zone(tzinfo: dt.tzinfo, moment: dt.datetime) -> Timezone:
    """Return the pendulum zone of any tzinfo; by name where it has one, else by its offset."""
    if isinstance(tzinfo, Timezone):
        return tzinfo
    if tzinfo is dt.timezone.utc:
        return utc
    name = getattr(tzinfo, "key", None) or getattr(tzinfo, "zone", None)  # zoneinfo, pytz
    if name:
        return parse_timezone(name)
    offset = tzinfo.utcoffset(moment) or dt.timedelta()
    return _fixed(int(offset.total_seconds()))


def _fixed(offset_seconds: int) -> Timezone:
    return FixedTimezone(offset_seconds)  # type: ignore[no-untyped-call]


def is_localized(value: dt.datetime) -> bool:
    """Tell whether `value` is aware of its zone."""
    return value.utcoffset() is not None


def is_naive(value: dt.datetime) -> bool:
    """Tell whether `value` knows no zone."""
    return value.utcoffset() is None


def utcnow() -> pendulum.DateTime:
    """Return the present moment in UTC."""
    return pendulum.now(utc)


def utc_epoch() -> pendulum.DateTime:
    """Return 1970-01-01 in UTC."""
    return pendulum.from_timestamp(0, utc)


def make_aware(value: Any, timezone: dt.tzinfo | None = None) -> Any:
    """Return the naive `value` as a wall-clock time of `timezone`."""
    if value is None:
        return None
    if is_localized(value):
        raise ValueError(f"make_aware expects a naive datetime, got {value}")
    zone = timezone or default_timezone()
    return pendulum.instance(value.replace(tzinfo=None), as_pendulum_zone(zone, value))


def make_naive(value: dt.datetime, timezone: dt.tzinfo | None = None) -> dt.datetime:
    """Return the wall-clock time of `value` in `timezone`, without the zone."""
    if is_naive(value):
        raise ValueError("make_naive() cannot be applied to a naive datetime")
    return value.astimezone(timezone or default_timezone()).replace(tzinfo=None)


def coerce_datetime(value: dt.datetime | None, tz: dt.tzinfo | None = None) -> Any:
    """Return `value` as an aware pendulum datetime; a naive one is in `tz`."""
    if value is None:
        return None
    if is_naive(value):
        return make_aware(value, tz)
    if isinstance(value, pendulum.DateTime):
        return value
    return pendulum.instance(
        value.replace(tzinfo=None), as_pendulum_zone(value.tzinfo or utc, value)
    )


def convert_to_utc(value: dt.datetime | None) -> Any:
    """Return `value` in UTC; a naive one is in the default zone."""
    aware = coerce_datetime(value)
    return None if aware is None else aware.in_timezone(utc)


def datetime(*args: int, **kwargs: Any) -> dt.datetime:
    """Return an aware `datetime.datetime`, in the default zone unless `tzinfo` is given."""
    kwargs.setdefault("tzinfo", default_timezone())
    return dt.datetime(*args, **kwargs)  # type: ignore[arg-type]


def parse(string: str, timezone: Timezone | None = None, *, strict: bool = False) -> Any:
    """Return the moment that `string` (ISO 8601 and the like) names."""
    return pendulum.parse(string, tz=timezone or default_timezone(), strict=strict)


def from_timestamp(timestamp: float, tz: str | Timezone = utc) -> pendulum.DateTime:
    """Return the moment `timestamp` seconds after 1970-01-01 UTC, in `tz`."""
    return pendulum.from_timestamp(timestamp, tz)


def local_timezone() -> Timezone:
    """Return the zone of this host."""
    return pendulum.tz.local_timezone()


def td_format(td_object: dt.timedelta | float | None) -> str | None:
    """Return a span in words of one letter: `1d:2h:3M:4s`; None for nothing."""
    if not td_object:
        return None
    seconds = td_object if isinstance(td_object, (int, float)) else td_object.total_seconds()
    parts = []
    left = int(seconds)
    for length, letter in ((31536000, "y"), (2592000, "m"), (86400, "d"), (3600, "h"), (60, "M")):
        count, left = divmod(left, length)
        parts += [f"{count}{letter}"] if count else []
    parts += [f"{left}s"] if left else []
    return ":".join(parts) or "<1s"
