"""`@asset`: a function that updates an asset, as a DAG of its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from airflow.datasets import Asset
from airflow.utils.types import NOTSET

# What the decorator has made, so that other functions of the file can name it as a parameter.
_made: dict[str, Asset] = {}


class asset:  # noqa: N801 - a decorator
    """`@asset(schedule="@daily")` makes a DAG, a task and an asset named after the function.

    The function may have the parameters `self` (the asset), `context`, and the names of other
    assets, for which it gets those.
    """

    def __init__(
        self,
        *,
        schedule: Any,
        uri: str | None = None,
        name: str | None = None,
        group: str = "asset",
        extra: dict[str, Any] | None = None,
        watchers: Any = (),
        dag_id: str | None = None,
        **dag_arguments: Any,
    ) -> None:
        self.schedule = schedule
        self.name = name
        self.dag_id = dag_id
        self.asset_arguments = {"uri": uri, "group": group, "extra": extra, "watchers": watchers}
        self.dag_arguments = dag_arguments

    def __call__(self, function: Callable[..., Any]) -> Asset:
        """Create the DAG and return the asset."""
        name = self.name or function.__name__
        made = _made[name] = Asset(name, **self.asset_arguments)
        build_dag(self.dag_id or name, function, self.schedule, [made], self.dag_arguments)
        return made

    class multi:  # noqa: N801 - a decorator
        """`@asset.multi(schedule=…, outlets=[…])`: one function that updates several assets."""

        def __init__(
            self, *, schedule: Any, outlets: list[Any], dag_id: str | None = None, **arguments: Any
        ) -> None:
            self.schedule = schedule
            self.outlets = outlets
            self.dag_id = dag_id
            self.dag_arguments = arguments

        def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
            """Create the DAG and return the function."""
            dag_id = self.dag_id or function.__name__
            build_dag(dag_id, function, self.schedule, self.outlets, self.dag_arguments)
            return function


def build_dag(
    dag_id: str,
    function: Callable[..., Any],
    schedule: Any,
    outlets: list[Any],
    arguments: dict[str, Any],
) -> None:
    """Create the DAG, with one task that calls the function and updates the outlets."""
    from airflow.models.dag import DAG
    from airflow.operators.python import PythonOperator

    names = list(inspect.signature(function).parameters)
    inlets = {n: _made.get(n) or Asset(n) for n in names if n not in ("self", "context")}

    def call(**context: Any) -> Any:
        values = {"self": outlets[0], "context": context, **inlets}
        return function(**{name: values[name] for name in names})

    arguments.setdefault("catchup", False)
    if arguments.get("doc_md", NOTSET) is NOTSET:
        arguments["doc_md"] = function.__doc__
    with DAG(dag_id, schedule=schedule, **arguments):
        PythonOperator(
            task_id=function.__name__,
            python_callable=call,
            outlets=outlets,
            inlets=list(inlets.values()),
        )
