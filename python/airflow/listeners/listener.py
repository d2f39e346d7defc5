"""The manager with which code of providers registers listeners."""

from __future__ import annotations

from typing import Any


class ListenerManager:
    """Keeps listeners, and calls none."""

    def __init__(self) -> None:
        self.listeners: list[Any] = []

    @property
    def has_listeners(self) -> bool:
        """Whether any is registered."""
        return bool(self.listeners)

    def add_listener(self, listener: Any) -> None:
        """Register a listener."""
        if listener not in self.listeners:
            self.listeners.append(listener)

    def clear(self) -> None:
        """Forget all listeners."""
        self.listeners.clear()


_manager = ListenerManager()


def get_listener_manager() -> ListenerManager:
    """Return the manager of this process."""
    return _manager
