"""The context: the variables that templates and tasks see."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow._lazy import lazy_exports
from airflow.configuration import conf
from airflow.exceptions import AirflowNotFoundException
from airflow.models.connection import Connection
from airflow.models.param import ParamsDict
from airflow.models.variable import Variable
from airflow.utils.lazy_value import LazyValue
from airflow.utils.state import DagRunState

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance


_DAY = timedelta(days=1)


class Lazy:
    """A variable that costs something to compute, and is computed when it is asked for."""

    def __init__(
        self, compute: Callable[[], Any], *, asks_engine: bool = False, once: bool = False
    ) -> None:
        """With `once` the value is computed at most once."""
        self._compute = compute
        self.asks_engine = asks_engine
        self._once = once

    def __call__(self) -> Any:
        value = self._compute()
        if self._once:
            self._compute = lambda: value
        return value


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

    def unpack(self) -> dict[str, Any]:
        """Return what a function with `**kwargs` gets: requests wait until a value is used."""
        return {
            name: LazyValue(value) if isinstance(value, Lazy) and value.asks_engine else self[name]
            for name, value in self._variables.items()
        }

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
    run, task = ti.dag_run, ti.task
    variables: dict[str, Any] = dict(
        conf=conf,
        conn=CONNECTIONS,
        dag=task.dag,
        dag_run=run,
        data_interval_end=run.data_interval_end,
        data_interval_start=run.data_interval_start,
        expanded_ti_count=None,
        inlet_events=Lazy(lambda: _inlet_events(ti), asks_engine=True),
        inlets=task.inlets,
        logical_date=run.logical_date,
        macros=Lazy(_macros),
        map_index_template=task.map_index_template,
        outlet_events=Lazy(lambda: _outlet_events(ti), asks_engine=True, once=True),
        outlets=task.outlets,
        params=_merge_params(ti),
        run_id=run.run_id,
        task=task,
        task_instance=ti,
        templates_dict=None,
        test_mode=False,
        ti=ti,
        triggering_dataset_events=Lazy(lambda: _triggering_events(ti), asks_engine=True),
        triggering_asset_events=Lazy(lambda: _triggering_events(ti), asks_engine=True),
        var=VARIABLES,
    )
    variables.update(_date_variables(ti))
    variables.update(_previous_success(ti))
    context = Context(variables)
    if (expand_input := task.expand_input_of_instances()) is not None:
        context["expanded_ti_count"] = Lazy(lambda: expand_input.total(context), asks_engine=True)
    return context


def _macros() -> Any:
    from airflow import macros

    return macros


def _outlet_events(ti: TaskInstance) -> Any:
    from airflow.datasets.events import OutletEventAccessors

    return OutletEventAccessors(ti.task.outlets)


def _inlet_events(ti: TaskInstance) -> Any:
    from airflow.datasets.events import InletEventsAccessors

    return InletEventsAccessors(ti.task.inlets)


def _triggering_events(ti: TaskInstance) -> Any:
    from airflow.datasets.events import triggering_events

    return triggering_events(ti.dag_id, ti.run_id)


def _previous_success(ti: TaskInstance) -> dict[str, Any]:
    """Return what is known of the last successful run before this one, looked up once."""
    previous = Lazy(lambda: ti.get_previous_dagrun(DagRunState.SUCCESS), once=True)

    def lazy(field: str) -> Lazy:
        return Lazy(lambda: getattr(previous(), field, None), asks_engine=True)

    return {
        "prev_data_interval_end_success": lazy("data_interval_end"),
        "prev_data_interval_start_success": lazy("data_interval_start"),
        "prev_end_date_success": lazy("end_date"),
        "prev_execution_date_success": lazy("logical_date"),
        "prev_start_date_success": lazy("start_date"),
    }


def _merge_params(ti: TaskInstance) -> dict[str, Any]:
    params: ParamsDict = ti.task.dag.params.deep_copy()
    for name in ti.task.params:
        params[name] = ti.task.params.get_param(name)
    if ti.dag_run.conf and conf.getboolean("core", "dag_run_conf_overrides_params"):
        params.update(ti.dag_run.conf)
    return params.validate()


def _date_variables(ti: TaskInstance) -> dict[str, Any]:
    """Return what follows from the logical date; that date is null for some manual runs."""
    date = ti.dag_run.logical_date
    if date is None:
        return {"task_instance_key_str": f"{ti.dag_id}__{ti.task_id}__{ti.run_id}"}
    day_nodash = _day_nodash(date)
    before, after = Lazy(lambda: date - _DAY), Lazy(lambda: date + _DAY)
    previous, following = Lazy(lambda: _previous(ti)), Lazy(lambda: _following(ti))
    return {
        "ds": Lazy(lambda: _day(date)),
        "ds_nodash": day_nodash,
        "execution_date": date,
        "next_ds": Lazy(lambda: _day(following())),
        "next_ds_nodash": Lazy(lambda: _day_nodash(following())),
        "next_execution_date": following,
        "prev_ds": Lazy(lambda: _day(previous())),
        "prev_ds_nodash": Lazy(lambda: _day_nodash(previous())),
        "prev_execution_date": previous,
        "task_instance_key_str": f"{ti.dag_id}__{ti.task_id}__{day_nodash}",
        "tomorrow_ds": Lazy(lambda: _day(after())),
        "tomorrow_ds_nodash": Lazy(lambda: _day_nodash(after())),
        "ts": Lazy(date.isoformat),
        "ts_nodash": Lazy(lambda: date.strftime("%Y%m%dT%H%M%S")),
        "ts_nodash_with_tz": Lazy(lambda: date.isoformat().replace("-", "").replace(":", "")),
        "yesterday_ds": Lazy(lambda: _day(before())),
        "yesterday_ds_nodash": Lazy(lambda: _day_nodash(before())),
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


def context_copy_partial(source: Context, keys: Container[str]) -> Context:
    """Return a context with those variables of another one that `keys` names."""
    kept = {key: value for key, value in source.uncomputed.items() if key in keys}
    return Context(kept)


def context_merge(context: Context, *args: Any, **kwargs: Any) -> None:
    """Add variables to a context, as `dict.update` does."""
    context.update(*args, **kwargs)


class AirflowContextDeprecationWarning(DeprecationWarning):
    """A variable has another name now."""


__getattr__, __dir__ = lazy_exports(
    __name__, {"OutletEventAccessors": "airflow.datasets.events"}
)
