"""What hooks report of the data that they touch. Nothing collects it here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Union

from airflow.utils.log.logging_mixin import LoggingMixin

# Whoever touches the data: a hook, or an operator.
LineageContext = Union[Any]


@dataclass
class DatasetLineageInfo:
    """A dataset that was touched, how often and by whom."""

    dataset: Any
    count: int
    context: LineageContext

    @property
    def asset(self) -> Any:
        """The dataset, under its name in Airflow 3."""
        return self.dataset


AssetLineageInfo = DatasetLineageInfo


@dataclass
class HookLineage:
    """What was read and what was written."""

    inputs: list[DatasetLineageInfo] = field(default_factory=list)
    outputs: list[DatasetLineageInfo] = field(default_factory=list)
    extra: list[Any] = field(default_factory=list)


class HookLineageCollector(LoggingMixin):
    """Takes reports, and forgets them."""

    # Provider packages look for it to tell whether `add_extra` is the collector's own.
    _extra: dict[str, Any] = {}

    def create_asset(self, **_: Any) -> None:
        """Create no asset."""

    create_dataset = create_asset

    def add_input_asset(self, context: LineageContext, **_: Any) -> None:
        """Take note of something that was read."""

    def add_output_asset(self, context: LineageContext, **_: Any) -> None:
        """Take note of something that was written."""

    def add_extra(self, context: LineageContext, key: str, value: Any) -> None:
        """Take note of something else."""

    add_input_dataset = add_input_asset
    add_output_dataset = add_output_asset

    @property
    def collected_assets(self) -> HookLineage:
        """Nothing."""
        return HookLineage()

    @property
    def collected_datasets(self) -> HookLineage:
        """Nothing."""
        return HookLineage()

    @property
    def has_collected(self) -> bool:
        """Always false."""
        return False


class NoOpCollector(HookLineageCollector):
    """The same, under the name for the case that nothing reads the reports."""


class HookLineageReader(LoggingMixin):
    """Reads what was collected; for subclasses."""

    def __init__(self, **kwargs: Any) -> None:
        self.lineage_collector = get_hook_lineage_collector()

    def retrieve_hook_lineage(self) -> HookLineage:
        """Return what was collected: nothing."""
        return self.lineage_collector.collected_assets


_collector = NoOpCollector()


def get_hook_lineage_collector() -> HookLineageCollector:
    """Return the collector of this process."""
    return _collector
