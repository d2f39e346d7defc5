"""The session of the task that runs: always a new one, since tasks have no database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from airflow.utils.session import Session


def get_current_task_instance_session() -> Session:
    """Return a session."""
    return Session()


@contextlib.contextmanager
def set_current_task_instance_session(session: Session) -> Iterator[None]:
    """Do nothing for the block."""
    yield
