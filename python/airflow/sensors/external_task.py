"""ExternalTaskSensor: waits for tasks of another DAG. ExternalTaskMarker: is waited for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.configuration import conf
from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.models.baseoperatorlink import BaseOperatorLink
from airflow.models.external_state import count_runs, count_tasks, find_dag
from airflow.operators.empty import EmptyOperator
from airflow.sensors.base import BaseSensorOperator
from airflow.utils.operator_helpers import determine_kwargs
from airflow.utils.state import State, TaskInstanceState

if TYPE_CHECKING:
    from airflow.utils.context import Context


class ExternalDagLink(BaseOperatorLink):
    """A link to the DAG that is waited for."""

    name = "External DAG"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        base_url = conf.get("webserver", "base_url").rstrip("/")
        return f"{base_url}/dags/{operator.external_dag_id}/grid"


class ExternalTaskSensorLink(ExternalDagLink):
    """The former name of the link."""


class ExternalTaskSensor(BaseSensorOperator):
    """Waits for tasks, a task group or the run of another DAG, by default at the same logical date.

    :param external_dag_id: the DAG. (templated)
    :param external_task_id: the task; None, and none of the next two: the DAG's run. (templated)
    :param external_task_ids: several tasks. (templated)
    :param external_task_group_id: a task group. (templated)
    :param allowed_states: what is waited for; by default success.
    :param skipped_states: states that have the sensor skipped.
    :param failed_states: states that fail the sensor.
    :param execution_delta: how much earlier than this run's the other logical date is.
    :param execution_date_fn: function of the logical date, and of the context as far as it has
        parameters for it, that returns the other logical date, or a list of them.
    :param check_existence: fail if there is no such DAG or task.
    :param poll_interval: seconds between looks, if deferrable.
    :param deferrable: wait in a trigger instead of in the task.
    """

    template_fields: Sequence[str] = (
        "external_dag_id",
        "external_task_id",
        "external_task_ids",
        "external_task_group_id",
    )
    ui_color = "#4db7db"
    operator_extra_links: ClassVar[Collection[Any]] = (ExternalDagLink(),)

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str | None = None,
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        allowed_states: Iterable[str] | None = None,
        skipped_states: Iterable[str] | None = None,
        failed_states: Iterable[str] | None = None,
        execution_delta: timedelta | None = None,
        execution_date_fn: Callable[..., Any] | None = None,
        check_existence: bool = False,
        poll_interval: float = 2.0,
        deferrable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        self.external_task_ids = _one_or_more(external_task_id, external_task_ids)
        self.external_task_group_id = external_task_group_id
        if allowed_states is None:
            allowed_states = [TaskInstanceState.SUCCESS.value]
        self.allowed_states = [_word(state) for state in allowed_states]
        self.skipped_states = [_word(state) for state in skipped_states or ()]
        self.failed_states = [_word(state) for state in failed_states or ()]
        self.execution_delta = execution_delta
        self.execution_date_fn = execution_date_fn
        self.check_existence = check_existence
        self.poll_interval = poll_interval
        if deferrable is None:
            deferrable = conf.getboolean("operators", "default_deferrable", False)
        self.deferrable = deferrable
        self._check_targets(external_task_id, external_task_ids)
        self._check_states()
        if execution_delta is not None and execution_date_fn is not None:
            raise ValueError(
                "Only one of `execution_delta` or `execution_date_fn` may be provided to "
                "ExternalTaskSensor; not both."
            )

    def _check_targets(self, task_id: str | None, task_ids: Collection[str] | None) -> None:
        if sum(map(bool, (task_id, task_ids, self.external_task_group_id))) > 1:
            raise ValueError(
                "Only one of `external_task_group_id`, `external_task_id` or `external_task_ids` "
                "may be provided to ExternalTaskSensor; not more than one."
            )
        plain = isinstance(task_ids, (list, tuple, set))
        if plain and len(set(task_ids or ())) < len(task_ids or ()):
            raise ValueError("Duplicate task_ids passed in external_task_ids parameter")

    def _check_states(self) -> None:
        groups = (self.allowed_states, self.skipped_states, self.failed_states)
        states = [state for group in groups for state in group]
        if len(states) > len(set(states)):
            raise AirflowException(
                "Duplicate values provided across allowed_states, skipped_states and failed_states."
            )
        of_tasks = bool(self.external_task_ids or self.external_task_group_id)
        valid = {_word(state) for state in (State.task_states if of_tasks else State.dag_states)}
        if not set(states) <= valid:
            raise ValueError(
                f"Valid values for `allowed_states`, `skipped_states` and `failed_states` when "
                f"{'tasks or a group are' if of_tasks else 'a DAG is'} waited for: {sorted(valid)}"
            )

    def execute(self, context: Context) -> None:
        if not self.deferrable:
            super().execute(context)
            return
        from airflow.triggers.external_task import WorkflowTrigger

        if self.check_existence:
            self._check_for_existence()
        self.defer(
            timeout=self.execution_timeout or timedelta(seconds=self.timeout),
            trigger=WorkflowTrigger(
                external_dag_id=self.external_dag_id,
                external_task_group_id=self.external_task_group_id,
                external_task_ids=self.external_task_ids,
                execution_dates=self._get_dttm_filter(context),
                allowed_states=self.allowed_states,
                skipped_states=self.skipped_states,
                failed_states=self.failed_states,
                poke_interval=self.poll_interval,
                soft_fail=self.soft_fail,
            ),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> None:
        """Go on once the trigger has fired."""
        status = (event or {}).get("status")
        if status == "success":
            self.log.info("%s has ended as wished.", self._describe())
        elif status == "skipped":
            raise AirflowSkipException(f"{self._describe()} has skipped tasks: skipping.")
        elif status == "failed":
            self._fail()
        else:
            raise AirflowException(f"The trigger of {self.task_id} ended with {event!r}")

    def poke(self, context: Context) -> bool:
        dates = self._get_dttm_filter(context)
        moments = ",".join(date.isoformat() for date in dates)
        self.log.info("Poking for %s on %s ...", self._describe(), moments)
        if self.check_existence:
            self._check_for_existence()
        if self.failed_states and self._count(self.failed_states, dates, every=False) > 0:
            self._fail()
        if self.skipped_states and self._count(self.skipped_states, dates, every=False) > 0:
            raise AirflowSkipException(
                f"{self._describe()} reached a state in {self.skipped_states}. Skipping."
            )
        return self._count(self.allowed_states, dates, every=True) >= len(dates)

    def _fail(self) -> None:
        message = f"{self._describe()} failed."
        if self.soft_fail:
            raise AirflowSkipException(f"{message} Skipping due to soft_fail.")
        raise AirflowException(message)

    def _describe(self) -> str:
        if self.external_task_ids:
            return (
                f"Some of the external tasks {list(self.external_task_ids)} in DAG "
                f"{self.external_dag_id}"
            )
        if self.external_task_group_id:
            return (
                f"The external task_group '{self.external_task_group_id}' in DAG "
                f"'{self.external_dag_id}'"
            )
        return f"The external DAG {self.external_dag_id}"

    def _count(self, states: list[str], dates: list[datetime], *, every: bool) -> float:
        if not self.external_task_ids and not self.external_task_group_id:
            return count_runs(self.external_dag_id, states, dates)
        return count_tasks(
            self.external_dag_id,
            states,
            dates,
            task_ids=self.external_task_ids,
            group=self.external_task_group_id,
            every=every,
        )

    def _check_for_existence(self) -> None:
        dag = find_dag(self.external_dag_id)
        if dag is None:
            raise AirflowException(f"The external DAG {self.external_dag_id} does not exist.")
        for task_id in self.external_task_ids or ():
            if task_id not in dag["task_ids"]:
                raise AirflowException(
                    f"The external task {task_id} in DAG {self.external_dag_id} does not exist."
                )
        group = self.external_task_group_id
        if group and group not in _group_ids(dag):
            raise AirflowException(
                f"The external task group '{group}' in DAG '{self.external_dag_id}' does not exist."
            )

    def _get_dttm_filter(self, context: Context) -> list[datetime]:
        """Return the logical dates that are waited for."""
        date = context["logical_date"]
        if self.execution_delta is not None:
            return [date - self.execution_delta]
        if self.execution_date_fn is None:
            return [date]
        dates = self._handle_execution_date_fn(context)
        return list(dates) if isinstance(dates, (list, tuple, set)) else [dates]

    def _handle_execution_date_fn(self, context: Context) -> Any:
        function = self.execution_date_fn
        assert function is not None
        # The date comes first, whatever the name of that parameter.
        first = next(iter(inspect.signature(function).parameters), None)
        hidden = {first, "logical_date"}
        variables = {k: v for k, v in context.uncomputed.items() if k not in hidden}
        variables["context"] = context  # functions of older files ask for the whole of it
        date = context["logical_date"]
        return function(date, **determine_kwargs(function, (date,), type(context)(variables)))


def _one_or_more(task_id: str | None, task_ids: Collection[str] | None) -> Collection[str] | None:
    if task_id is not None:
        return [task_id]
    return [task_ids] if isinstance(task_ids, str) else task_ids


def _group_ids(dag: dict[str, Any]) -> set[str]:
    groups = dag.get("groups") or ()
    return {group["group_id"] if isinstance(group, dict) else group for group in groups}


def _word(state: Any) -> Any:
    return state if state is None else str(getattr(state, "value", state))


class ExternalTaskMarker(EmptyOperator):
    """Says that a task of another DAG waits for this one.

    :param external_dag_id: the other DAG. (templated)
    :param external_task_id: the other task. (templated)
    :param execution_date: logical date of the other run. (templated)
    :param recursion_depth: how many markers a clearing may follow one after the other.
    """

    template_fields: Sequence[str] = ("external_dag_id", "external_task_id", "execution_date")
    ui_color = "#4db7db"
    operator_extra_links: ClassVar[Collection[Any]] = (ExternalDagLink(),)

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str,
        execution_date: str | datetime | None = "{{ logical_date.isoformat() }}",
        logical_date: str | datetime | None = None,
        recursion_depth: int = 10,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        date = logical_date if logical_date is not None else execution_date
        if isinstance(date, datetime):
            date = date.isoformat()
        elif not isinstance(date, str):
            raise TypeError(
                f"Expected str or datetime.datetime type for execution_date. Got {type(date)}"
            )
        self.execution_date = date
        if recursion_depth <= 0:
            raise ValueError("recursion_depth should be a positive integer")
        self.recursion_depth = recursion_depth
