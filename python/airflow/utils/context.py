"""The context: the variables that templates and tasks see."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.exceptions import AirflowNotFoundException
from airflow.models.connection import Connection
from airflow.models.param import ParamsDict
from airflow.models.variable import Variable

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance


class Lazy:
    """A variable that costs something to compute, and is computed when it is asked for."""

    def __init__(self, compute: Callable[[], Any]) -> None:
        self._compute = compute

    def __call__(self) -> Any:
        return self._compute()


class Context(MutableMapping[str, Any]):
    """The variables by name. Lazy ones are computed when they are read."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._variables = dict(variables)

    def __getitem__(self, key: str) -> Any:
        value = self._variables[key]
        return value() if isinstance(value, Lazy) else value

    def __setitem__(self, key: str, value: Any) -> None:
        self._variables[key] = value

    def __delitem__(self, key: str) -> None:
        del self._variables[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def __contains__(self, key: object) -> bool:
        return key in self._variables

    def __repr__(self) -> str:
        return f"<Context: {', '.join(self._variables)}>"

    @property
    def uncomputed(self) -> Mapping[str, Any]:
        """The variables with the lazy ones as they are, for templates, which compute them."""
        return self._variables


class VariableAccessor:
    """`var.value.name` and `var.json.name`."""

    def __init__(self, *, deserialize_json: bool) -> None:
        self._deserialize_json = deserialize_json

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        return Variable.get(key, deserialize_json=self._deserialize_json)

    def get(self, key: str, default: Any = ...) -> Any:
        """Return the variable, or `default` where there is none."""
        if default is ...:
            return Variable.get(key, deserialize_json=self._deserialize_json)
        return Variable.get(key, default, deserialize_json=self._deserialize_json)


class ConnectionAccessor:
    """`conn.connection_id.host`."""

    def __getattr__(self, conn_id: str) -> Connection:
        if conn_id.startswith("__"):
            raise AttributeError(conn_id)
        return Connection.get_connection_from_secrets(conn_id)

    def get(self, conn_id: str, default: Any = None) -> Any:
        """Return the connection, or `default` where there is none."""
        try:
            return Connection.get_connection_from_secrets(conn_id)
        except AirflowNotFoundException:
            return default


VARIABLES = {
    "value": VariableAccessor(deserialize_json=False),
    "json": VariableAccessor(deserialize_json=True),
}
CONNECTIONS = ConnectionAccessor()


def build_context(ti: TaskInstance) -> Context:
    """Return the context of one attempt."""
    from airflow import macros

    run = ti.dag_run
    triggering = Lazy(_once(lambda: _triggering_events(ti)))
    variables: dict[str, Any] = dict(
        conf=conf,
        conn=CONNECTIONS,
        dag=ti.task.dag,
        dag_run=run,
        data_interval_end=run.data_interval_end,
        data_interval_start=run.data_interval_start,
        expanded_ti_count=None,
        inlet_events=Lazy(_once(lambda: _inlet_events(ti))),
        inlets=ti.task.inlets,
        logical_date=run.logical_date,
        macros=macros,
        map_index_template=ti.task.map_index_template,
        outlet_events=Lazy(_once(_outlet_events)),
        outlets=ti.task.outlets,
        params=_merge_params(ti),
        prev_data_interval_end_success=None,
        prev_data_interval_start_success=None,
        prev_end_date_success=None,
        prev_start_date_success=None,
        run_id=run.run_id,
        task=ti.task,
        task_instance=ti,
        templates_dict=None,
        test_mode=False,
        ti=ti,
        triggering_asset_events=triggering,
        triggering_dataset_events=triggering,
        var=VARIABLES,
    )
    variables.update(_date_variables(ti))
    return Context(variables)


def _once(compute: Callable[[], Any]) -> Callable[[], Any]:
    """Return `compute` so that all calls give the object that the first one has made."""
    return functools.lru_cache(maxsize=1)(compute)


def _outlet_events() -> Any:
    from airflow.datasets.events import OutletEventAccessors

    return OutletEventAccessors()


def _inlet_events(ti: TaskInstance) -> Any:
    from airflow.datasets.events import InletEventsAccessors

    return InletEventsAccessors(ti.task.inlets)


def _triggering_events(ti: TaskInstance) -> Any:
    from airflow.datasets.events import triggering_events

    return triggering_events(ti.dag_id, ti.run_id)


def _merge_params(ti: TaskInstance) -> dict[str, Any]:
    params: ParamsDict = ti.task.dag.params.deep_copy()
    for name in ti.task.params:
        params[name] = ti.task.params.get_param(name)
    if conf.getboolean("core", "dag_run_conf_overrides_params"):
        params.update(ti.dag_run.conf)
    return params.validate()


def _date_variables(ti: TaskInstance) -> dict[str, Any]:
    """Return what follows from the logical date; that date is null for some manual runs."""
    date = ti.dag_run.logical_date
    if date is None:
        return {"task_instance_key_str": f"{ti.dag_id}__{ti.task_id}__{ti.run_id}"}
    day, day_nodash = _day(date), _day_nodash(date)
    before, after = date - timedelta(days=1), date + timedelta(days=1)
    text = date.isoformat()
    previous, following = Lazy(lambda: _previous(ti)), Lazy(lambda: _following(ti))
    return {
        "ds": day,
        "ds_nodash": day_nodash,
        "execution_date": date,
        "next_ds": Lazy(lambda: _day(following())),
        "next_ds_nodash": Lazy(lambda: _day_nodash(following())),
        "next_execution_date": following,
        "prev_ds": Lazy(lambda: _day(previous())),
        "prev_ds_nodash": Lazy(lambda: _day_nodash(previous())),
        "prev_execution_date": previous,
        "prev_execution_date_success": None,
        "task_instance_key_str": f"{ti.dag_id}__{ti.task_id}__{day_nodash}",
        "tomorrow_ds": _day(after),
        "tomorrow_ds_nodash": _day_nodash(after),
        "ts": text,
        "ts_nodash": date.strftime("%Y%m%dT%H%M%S"),
        "ts_nodash_with_tz": text.replace("-", "").replace(":", ""),
        "yesterday_ds": _day(before),
        "yesterday_ds_nodash": _day_nodash(before),
    }


def _day(date: datetime | None) -> str | None:
    return None if date is None else date.strftime("%Y-%m-%d")


def _day_nodash(date: datetime | None) -> str | None:
    return None if date is None else date.strftime("%Y%m%d")


def _previous(ti: TaskInstance) -> datetime | None:
    run = ti.dag_run
    if run.external_trigger or run.logical_date is None:
        return run.logical_date
    return ti.task.dag.previous_schedule(run.logical_date)


def _following(ti: TaskInstance) -> datetime | None:
    run = ti.dag_run
    if run.external_trigger or run.logical_date is None:
        return run.logical_date
    return ti.task.dag.following_schedule(run.logical_date)
