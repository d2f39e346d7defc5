"""What hooks report of the data that they touch. Nothing collects it here."""

from __future__ import annotations

from typing import Any

from airflow.utils.log.logging_mixin import LoggingMixin


class HookLineageCollector(LoggingMixin):
    """Takes reports, and forgets them."""

    def create_asset(self, **_: Any) -> None:
        """Create no asset."""

    create_dataset = create_asset

    def add_input_asset(self, context: Any, **_: Any) -> None:
        """Take note of something that was read."""

    def add_output_asset(self, context: Any, **_: Any) -> None:
        """Take note of something that was written."""

    add_input_dataset = add_input_asset
    add_output_dataset = add_output_asset

    @property
    def has_collected(self) -> bool:
        """Always false."""
        return False


class NoOpCollector(HookLineageCollector):
    """The same, under the name for the case that nothing reads the reports."""


_collector = NoOpCollector()


def get_hook_lineage_collector() -> HookLineageCollector:
    """Return the collector of this process."""
    return _collector
