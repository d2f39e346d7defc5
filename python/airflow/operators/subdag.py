"""SubDagOperator, which Airflow has replaced by task groups."""

from __future__ import annotations

from typing import Any, NoReturn

from airflow.exceptions import AirflowException
from airflow.models.baseoperator import BaseOperator


class SubDagOperator(BaseOperator):
    """Not supported: a DAG inside of a DAG. Creating one says what to write instead."""

    def __init__(self, *, task_id: str, subdag: Any = None, **kwargs: Any) -> None:
        raise _unsupported(task_id)

    def execute(self, context: Any) -> NoReturn:
        raise _unsupported(self.task_id)


def _unsupported(task_id: str) -> AirflowException:
    return AirflowException(
        f"task {task_id!r}: Beeflow does not run SubDagOperator, which is deprecated since Airflow "
        "2.0; put the tasks of the sub-DAG into `with TaskGroup(...)` (airflow.utils.task_group)"
    )
