"""YAML, read safely and by the C library where there is one."""

from __future__ import annotations

from typing import Any


def safe_load(stream: Any) -> Any:
    """Return the value that a YAML text describes."""
    import yaml

    return yaml.load(stream, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def dump(data: Any, **kwargs: Any) -> str:
    """Return a value as YAML."""
    import yaml

    text: str = yaml.dump(data, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), **kwargs)
    return text


safe_dump = dump


def __getattr__(name: str) -> Any:
    import yaml

    return getattr(yaml, name)
