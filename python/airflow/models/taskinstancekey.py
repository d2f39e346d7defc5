"""TaskInstanceKey: what identifies one try of a task instance."""

from __future__ import annotations

from typing import Any, NamedTuple


class TaskInstanceKey(NamedTuple):
    """DAG, task, run, try and map index; -1: not mapped."""

    dag_id: str
    task_id: str
    run_id: str
    try_number: int = 1
    map_index: int = -1

    @property
    def primary(self) -> tuple[str, str, str, int]:
        """The key without the try."""
        return self.dag_id, self.task_id, self.run_id, self.map_index

    @property
    def reduced(self) -> TaskInstanceKey:
        """The key of the try before, as executors count them."""
        return self._replace(try_number=max(1, self.try_number - 1))

    def with_try_number(self, try_number: int) -> TaskInstanceKey:
        """Return the key of another try."""
        return self._replace(try_number=try_number)

    @property
    def key(self) -> TaskInstanceKey:
        """Itself, for code that takes a task instance or its key."""
        return self

    @classmethod
    def from_dict(cls, dictionary: dict[str, Any]) -> TaskInstanceKey:
        """Return the key with these fields."""
        return cls(**dictionary)
