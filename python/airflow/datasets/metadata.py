"""Metadata that a task attaches to the update of a dataset by yielding it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from airflow.datasets import Dataset, DatasetAlias


@dataclass(init=False)
class Metadata:
    """`yield Metadata(dataset, {"rows": 5})`: the extra of a dataset's event."""

    uri: str
    extra: dict[str, Any] = field(default_factory=dict)
    alias_name: str | None = None

    def __init__(
        self,
        target: str | Dataset,
        extra: dict[str, Any] | None = None,
        alias: DatasetAlias | str | None = None,
    ) -> None:
        self.target = target
        self.uri = target.uri if isinstance(target, Dataset) else Dataset(target).uri
        self.extra = dict(extra or {})
        self.alias_name = alias.name if isinstance(alias, DatasetAlias) else alias

    @property
    def asset(self) -> Dataset:
        """The dataset."""
        return self.target if isinstance(self.target, Dataset) else Dataset(self.uri)

    @property
    def alias(self) -> DatasetAlias | None:
        """The alias, if one was given."""
        return None if self.alias_name is None else DatasetAlias(self.alias_name)
