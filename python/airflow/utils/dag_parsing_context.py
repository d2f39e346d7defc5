"""Which DAG a file is imported for."""

from __future__ import annotations

from typing import NamedTuple


class AirflowParsingContext(NamedTuple):
    """The DAG and task that are needed; None: all, as always here.

    An environment goes on to serve other tasks of the file, so that it needs all DAGs.
    """

    dag_id: str | None
    task_id: str | None


def get_parsing_context() -> AirflowParsingContext:
    """Return which DAG the file is imported for."""
    return AirflowParsingContext(dag_id=None, task_id=None)
