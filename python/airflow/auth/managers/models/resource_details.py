"""Names of what authorization decides about, for packages that import them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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


class DagAccessEntity(Enum):
    """A part of a DAG."""

    AUDIT_LOG = "AUDIT_LOG"
    CODE = "CODE"
    DEPENDENCIES = "DEPENDENCIES"
    RUN = "RUN"
    SLA_MISS = "SLA_MISS"
    TASK = "TASK"
    TASK_INSTANCE = "TASK_INSTANCE"
    TASK_RESCHEDULE = "TASK_RESCHEDULE"
    TASK_LOGS = "TASK_LOGS"
    WARNING = "WARNING"
    XCOM = "XCOM"
