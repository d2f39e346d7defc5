"""Names of what authorization decides about, for packages that import them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class DatasetDetails:
    """A dataset."""

    uri: str | None = None


@dataclass
class ConnectionDetails:
    """A connection."""

    conn_id: str | None = None


@dataclass
class DagDetails:
    """A DAG."""

    id: str | None = None


@dataclass
class PoolDetails:
    """A pool."""

    name: str | None = None


@dataclass
class VariableDetails:
    """A variable."""

    key: str | None = None


@dataclass
class ConfigurationDetails:
    """A section of the configuration."""

    section: str | None = None
