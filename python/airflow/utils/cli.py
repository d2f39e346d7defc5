"""Helpers of the command line that DAG files and plugins import."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.exceptions import AirflowException

if TYPE_CHECKING:
    from airflow.models.dag import DAG

T = TypeVar("T", bound=Callable[..., Any])


@contextlib.contextmanager
def suppress_logs_and_warning_context() -> Iterator[None]:
    """Log nothing and warn of nothing in the block."""
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def suppress_logs_and_warning(f: T) -> T:
    """Return a function that logs nothing and warns of nothing."""
    wrapped: T = suppress_logs_and_warning_context()(f)
    return wrapped


def action_cli(func: Any = None, check_db: bool = True) -> Any:
    """Return a command as it is."""
    return func if func is not None else action_cli


action_logging = action_cli


def get_dag(subdir: str | None, dag_id: str, from_db: bool = False) -> DAG:
    """Return a DAG of a folder or file; an error where there is none with the id."""
    from airflow.models.dagbag import DagBag

    dag = DagBag(process_subdir(subdir)).get_dag(dag_id)
    if dag is None:
        raise AirflowException(f"Dag {dag_id!r} could not be found in {subdir}")
    return dag


def process_subdir(subdir: str | None) -> str | None:
    """Return a path with `DAGS_FOLDER` and `~` replaced."""
    import os

    from airflow.settings import DAGS_FOLDER

    return os.path.expanduser(subdir.replace("DAGS_FOLDER", DAGS_FOLDER)) if subdir else None
