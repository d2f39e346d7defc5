"""DatasetManager, under the name that provider packages import; the engine records events."""

from __future__ import annotations

from typing import Any


class DatasetManager:
    """Stands for Airflow's own; events come from tasks' outlets and go to the engine."""

    def register_dataset_change(self, **_: Any) -> None:
        """Do nothing: the engine records the events of a task when it has succeeded."""


dataset_manager = DatasetManager()


def resolve_dataset_manager() -> DatasetManager:
    """Return the manager."""
    return dataset_manager
