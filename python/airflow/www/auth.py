"""Decorators of views. No view of a package is served here, and one that is called refuses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn

from airflow.exceptions import AirflowException

View = Callable[..., Any]


def _refuse(view: View) -> View:
    @functools.wraps(view)
    def refusing(*_: Any, **__: Any) -> NoReturn:
        raise AirflowException(f"{view.__qualname__}: views of packages are not served by Beeflow")

    return refusing


def has_access(*_: Any, **__: Any) -> Callable[[View], View]:
    """Return a decorator of a view that asks for permissions."""
    return _refuse


has_access_cluster_activity = has_access_configuration = has_access_connection = has_access
has_access_dag = has_access_dag_entities = has_access_dataset = has_access_pool = has_access
has_access_variable = has_access_view = has_access_with_pk = has_access
