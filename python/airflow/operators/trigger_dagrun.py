"""TriggerDagRunOperator: starts a run of a DAG."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from airflow import _engine
from airflow.configuration import conf as configuration
from airflow.exceptions import (
    AirflowException,
    AirflowSkipException,
    DagNotFound,
    DagRunAlreadyExists,
)
from airflow.models.baseoperator import BaseOperator
from airflow.models.baseoperatorlink import BaseOperatorLink
from airflow.utils import timezone
from airflow.utils.state import DagRunState
from airflow.utils.types import NOTSET, ArgNotSet

if TYPE_CHECKING:
    from airflow.utils.context import Context

XCOM_LOGICAL_DATE_ISO = "trigger_logical_date_iso"
XCOM_EXECUTION_DATE_ISO = "trigger_execution_date_iso"
XCOM_RUN_ID = "trigger_run_id"

_EXISTS = re.compile(r"(^|\s)exists:\s*")
_NOT_FOUND = re.compile(r"(^|\s)not found:\s*")


class TriggerDagRunLink(BaseOperatorLink):
    """A link to the DAG that was triggered."""

    name = "Triggered DAG"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        base_url = configuration.get("webserver", "base_url").rstrip("/")
        return f"{base_url}/dags/{operator.trigger_dag_id}/grid"


class TriggerDagRunOperator(BaseOperator):
    """Start a run of a DAG, and wait for its end if so wished.

    :param trigger_dag_id: the DAG. (templated)
    :param trigger_run_id: id of the run; made from its logical date unless given. (templated)
    :param conf: configuration of the run: what JSON can represent. (templated)
    :param execution_date, logical_date: logical date of the run; by default now. (templated)
    :param reset_dag_run: clear the run, and so run it again, if it exists.
    :param wait_for_completion: wait until the run ends.
    :param poke_interval: seconds between looks while waiting.
    :param allowed_states: states of the run that make this task succeed; by default success.
    :param failed_states: states of the run that make it fail; by default failed.
    :param skip_when_already_exists: be skipped if the run exists.
    :param fail_when_dag_is_paused: fail if the DAG is paused.
    :param deferrable: wait in a trigger instead of in the task.
    """

    template_fields: Sequence[str] = (
        "trigger_dag_id",
        "trigger_run_id",
        "execution_date",
        "conf",
        "wait_for_completion",
        "skip_when_already_exists",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"conf": "py"}
    ui_color = "#ffefeb"
    operator_extra_links: ClassVar[Collection[Any]] = [TriggerDagRunLink()]

    def __init__(
        self,
        *,
        trigger_dag_id: str,
        trigger_run_id: str | None = None,
        conf: dict[str, Any] | None = None,
        execution_date: str | datetime | None = None,
        logical_date: str | datetime | ArgNotSet | None = NOTSET,
        reset_dag_run: bool = False,
        wait_for_completion: bool = False,
        poke_interval: int = 60,
        allowed_states: list[str] | None = None,
        failed_states: list[str] | None = None,
        skip_when_already_exists: bool = False,
        fail_when_dag_is_paused: bool = False,
        deferrable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.trigger_dag_id = trigger_dag_id
        self.trigger_run_id = trigger_run_id
        self.conf = conf
        self.reset_dag_run = reset_dag_run
        self.wait_for_completion = wait_for_completion
        self.poke_interval = poke_interval
        self.allowed_states = _states(allowed_states, [DagRunState.SUCCESS])
        self.failed_states = _states(failed_states, [DagRunState.FAILED])
        self.skip_when_already_exists = skip_when_already_exists
        self.fail_when_dag_is_paused = fail_when_dag_is_paused
        if deferrable is None:
            deferrable = configuration.getboolean("operators", "default_deferrable", False)
        self.deferrable = deferrable
        date = execution_date if isinstance(logical_date, ArgNotSet) else logical_date
        if date is not None and not isinstance(date, (str, datetime)):
            if not hasattr(date, "resolve"):
                raise TypeError(
                    f"Expected str or datetime.datetime type for execution_date. Got {type(date)}"
                )
        self.execution_date = date.isoformat() if isinstance(date, datetime) else date

    @property
    def logical_date(self) -> str | None:
        """The logical date of the run to start, under its newer name."""
        return self.execution_date

    def execute(self, context: Context) -> None:
        run = self._start(self._checked_conf())
        ti = context["ti"]
        ti.xcom_push(key=XCOM_RUN_ID, value=run["run_id"])
        if run.get("logical_date"):
            ti.xcom_push(key=XCOM_EXECUTION_DATE_ISO, value=run["logical_date"])
            ti.xcom_push(key=XCOM_LOGICAL_DATE_ISO, value=run["logical_date"])
        if not self.wait_for_completion:
            return
        if self.deferrable:
            self._defer_until_end(run["run_id"])
        while not self._has_ended(self._state_of(run["run_id"])):
            time.sleep(self.poke_interval)

    def _checked_conf(self) -> dict[str, Any]:
        conf = self.conf
        if isinstance(conf, str):
            try:
                conf = json.loads(conf)
            except ValueError:
                conf = {"conf": conf}
        try:
            json.dumps(conf)
        except (TypeError, ValueError) as error:
            raise AirflowException("conf parameter should be JSON Serializable") from error
        return conf or {}

    def _start(self, conf: dict[str, Any]) -> dict[str, Any]:
        engine = _engine.require("TriggerDagRunOperator")
        if self.fail_when_dag_is_paused:
            dag = engine.request("dag_get", dag_id=self.trigger_dag_id)
            if dag and dag["is_paused"]:
                raise AirflowException(f"Dag {self.trigger_dag_id} is paused")
        date = self._moment()
        try:
            run: dict[str, Any] = engine.request(
                "trigger_dag",
                dag_id=self.trigger_dag_id,
                run_id=str(self.trigger_run_id) if self.trigger_run_id else None,
                logical_date=date.isoformat() if date else None,
                conf=conf,
                reset=self.reset_dag_run,
            )
        except AirflowException as error:
            raise self._explain(error) from error
        self.log.info("Triggered run %s of DAG %s", run["run_id"], self.trigger_dag_id)
        return run

    def _moment(self) -> datetime | None:
        date: Any = self.execution_date
        if isinstance(date, datetime):
            return timezone.convert_to_utc(date)
        return timezone.parse(date) if date else None

    def _explain(self, error: AirflowException) -> AirflowException:
        text = str(error)
        if _EXISTS.search(text):
            if self.skip_when_already_exists:
                return AirflowSkipException(
                    "Skipping due to skip_when_already_exists is set to True and "
                    "DagRunAlreadyExists"
                )
            return DagRunAlreadyExists(
                f"{_EXISTS.split(text)[-1]}; set reset_dag_run=True to run it again"
            )
        if _NOT_FOUND.search(text):
            return DagNotFound(f"Dag id {self.trigger_dag_id} not found")
        return error

    def _state_of(self, run_id: str) -> str | None:
        self.log.info(
            "Waiting for %s on %s to become allowed state %s ...",
            self.trigger_dag_id,
            run_id,
            self.allowed_states,
        )
        run = _engine.require("TriggerDagRunOperator").request(
            "run_get", dag_id=self.trigger_dag_id, run_id=run_id
        )
        if run is None:
            raise AirflowException(f"Run {run_id} of DAG {self.trigger_dag_id} was deleted")
        state: str | None = run["state"]
        return state

    def _has_ended(self, state: str | None) -> bool:
        if state in self.failed_states:
            raise AirflowException(f"{self.trigger_dag_id} failed with failed states {state}")
        if state in self.allowed_states:
            self.log.info("%s finished with allowed state %s", self.trigger_dag_id, state)
            return True
        return False

    def _defer_until_end(self, run_id: str) -> None:
        from airflow.triggers.external_task import DagStateTrigger

        self.defer(
            trigger=DagStateTrigger(
                dag_id=self.trigger_dag_id,
                states=self.allowed_states + self.failed_states,
                run_ids=[run_id],
                poll_interval=self.poke_interval,
            ),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Context, event: Any) -> None:
        """Go on once the run has ended."""
        run_id = event["run_ids"][0]
        state = self._state_of(run_id)
        if not self._has_ended(state):
            raise AirflowException(
                f"{self.trigger_dag_id} returned state {state} that is neither allowed nor failed"
            )


def _states(given: list[str] | None, default: list[DagRunState]) -> list[str]:
    return [str(DagRunState(state)) for state in (given or default)]
