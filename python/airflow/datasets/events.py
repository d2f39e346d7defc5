"""`outlet_events` and `inlet_events` of the context: the events that a task makes and reads."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from airflow import _engine
from airflow.datasets import Asset, Dataset, DatasetAlias, sanitize_uri
from airflow.datasets.metadata import Metadata
from airflow.utils import timezone


@dataclass
class OutletEventAccessor:
    """The event that an outlet will have: `outlet_events[dataset].extra["rows"] = 5`."""

    key: Dataset | DatasetAlias
    extra: dict[str, Any] = field(default_factory=dict)
    added: list[tuple[Dataset, dict[str, Any]]] = field(default_factory=list)

    def add(self, dataset: Dataset | str, extra: dict[str, Any] | None = None) -> None:
        """Say that a dataset was updated, under this alias."""
        if not isinstance(self.key, DatasetAlias):
            raise TypeError(f"add() is for a DatasetAlias; {self.key!r} has its event anyway")
        target = Dataset(dataset) if isinstance(dataset, str) else dataset
        self.added.append((target, dict(extra or {})))

    @property
    def dataset_alias_events(self) -> list[dict[str, Any]]:
        """What was added, as dicts."""
        return [{"dest_dataset_uri": d.uri, "extra": extra} for d, extra in self.added]


class _ByName:
    """Finds events by the name or URI of their asset, or by that of an alias."""

    def for_asset(self: Any, *, name: str | None = None, uri: str | None = None) -> Any:
        """Return what belongs to the asset of this name or URI."""
        return self[self._find_asset(name, uri)]

    def for_asset_alias(self: Any, *, alias_name: str) -> Any:
        """Return what belongs to the alias of this name."""
        return self[DatasetAlias(alias_name)]

    def _find_asset(self: Any, name: str | None, uri: str | None) -> Dataset:
        for item in self._known:
            if isinstance(item, Dataset) and item.name == name:
                return item
        return Asset(name=name, uri=uri)


class OutletEventAccessors(_ByName, Mapping[Any, OutletEventAccessor]):
    """The events of a task's outlets, by dataset, alias or URI; made when they are asked for."""

    def __init__(self, outlets: Iterable[Any] = ()) -> None:
        self._known = list(outlets)
        self._accessors: dict[Dataset | DatasetAlias, OutletEventAccessor] = {}

    def __getitem__(self, key: Any) -> OutletEventAccessor:
        target = _as_key(key, self._known)
        return self._accessors.setdefault(target, OutletEventAccessor(target))

    def __contains__(self, key: object) -> bool:
        return _as_key(key, self._known) in self._accessors

    def __iter__(self) -> Iterator[Any]:
        return iter(self._accessors)

    def __len__(self) -> int:
        return len(self._accessors)

    def accept(self, metadata: Metadata) -> None:
        """Take note of a `Metadata` that the task has yielded."""
        if metadata.alias is not None:
            self[metadata.alias].add(metadata.asset, metadata.extra)
        else:
            self[metadata.asset].extra.update(metadata.extra)

    def collect(self, outlets: Iterable[Any]) -> list[dict[str, Any]]:
        """Return the `dataset_events` of an attempt that has succeeded."""
        events = []
        for outlet in outlets:
            if isinstance(outlet, Dataset):
                extra = self[outlet].extra
                events.append({"uri": outlet.uri, "extra": extra, "alias": None})
            elif isinstance(outlet, DatasetAlias):
                events += [
                    {"uri": dataset.uri, "extra": extra, "alias": outlet.name}
                    for dataset, extra in self[outlet].added
                ]
        return events


@dataclass
class DatasetEvent:
    """An update of a dataset, as the engine has recorded it."""

    uri: str
    extra: dict[str, Any] = field(default_factory=dict)
    timestamp: Any = None
    source_dag_id: str | None = None
    source_task_id: str | None = None
    source_run_id: str | None = None
    source_map_index: int | None = -1

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> DatasetEvent:
        """Return the event that the engine describes."""
        known = {name: fields[name] for name in cls.__dataclass_fields__ if name in fields}
        event = cls(**known)
        if isinstance(event.timestamp, str):
            event.timestamp = timezone.parse(event.timestamp)
        event.extra = event.extra or {}
        return event

    @property
    def dataset(self) -> Dataset:
        """The dataset that was updated."""
        return Dataset(self.uri)

    asset = dataset

    @functools.cached_property
    def source_dag_run(self) -> Any:
        """The run that has caused the event, or None."""
        from airflow.models.dagrun import DagRun

        if self.source_dag_id is None or self.source_run_id is None:
            return None
        found = DagRun.find(dag_id=self.source_dag_id, run_id=self.source_run_id)
        return found[0] if found else None

    @property
    def source_task_instance(self) -> Any:
        """What is known of the task instance that has caused the event, or None."""
        from airflow.models.taskinstancekey import TaskInstanceKey

        if self.source_dag_id is None or self.source_task_id is None:
            return None
        return TaskInstanceKey(
            self.source_dag_id,
            self.source_task_id,
            self.source_run_id or "",
            map_index=-1 if self.source_map_index is None else self.source_map_index,
        )


class LazyEvents(Sequence[DatasetEvent]):
    """Events, oldest first, that are asked for when the first of them is needed."""

    def __init__(self, load: Callable[[], list[Mapping[str, Any]]]) -> None:
        self._load = load
        self._events: list[DatasetEvent] | None = None

    def _all(self) -> list[DatasetEvent]:
        if self._events is None:
            self._events = [DatasetEvent.from_json(fields) for fields in self._load()]
        return self._events

    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


class InletEventsAccessors(_ByName, Mapping[Any, LazyEvents]):
    """The events of a task's inlets, by dataset, alias, URI or position of the inlet."""

    def __init__(self, inlets: Iterable[Any]) -> None:
        self._known = [item for item in inlets if isinstance(item, (Dataset, DatasetAlias))]

    def __getitem__(self, key: Any) -> LazyEvents:
        if isinstance(key, int):
            key = self._known[key]
        target = _as_key(key, self._known)
        if target not in self._known:
            raise KeyError(f"{target!r} is not in the inlets of this task")
        name = "uri" if isinstance(target, Dataset) else "alias"
        value = target.uri if isinstance(target, Dataset) else target.name
        engine = _engine.require("inlet_events")
        return LazyEvents(lambda: engine.request("dataset_events", **{name: value}))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def triggering_events(dag_id: str, run_id: str) -> dict[str, list[DatasetEvent]]:
    """Return the events that led to a run, by URI."""
    engine = _engine.require("triggering_dataset_events")
    found: dict[str, list[DatasetEvent]] = {}
    for fields in engine.request("triggering_events", dag_id=dag_id, run_id=run_id) or ():
        found.setdefault(sanitize_uri(fields["uri"]), []).append(DatasetEvent.from_json(fields))
    return found


def _as_key(key: Any, known: Iterable[Any]) -> Dataset | DatasetAlias:
    """Return what a key stands for; a text is the name of a known alias, or a URI."""
    if isinstance(key, str):
        for item in known:
            if isinstance(item, DatasetAlias) and item.name == key:
                return item
        return Dataset(key)
    if isinstance(key, (Dataset, DatasetAlias)):
        return key
    raise TypeError(f"events are found by Dataset, DatasetAlias or URI, not by {key!r}")
