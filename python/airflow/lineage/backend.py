"""LineageBackend, the class of what sends lineage to another system. None is called here."""

from __future__ import annotations

from typing import Any


class LineageBackend:
    """Sends what a task has read and written to another system."""

    def send_lineage(
        self, operator: Any, inlets: Any = None, outlets: Any = None, context: Any = None
    ) -> None:
        """Send it; for subclasses."""
        raise NotImplementedError
