"""From DAG objects to the serialized DAG. Fields that equal their default are left out."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.models.abstractoperator import AbstractOperator
from airflow.models.baseoperator import BaseOperator
from airflow.models.dag import DAG
from airflow.models.expandinput import DictOfListsExpandInput
from airflow.models.mappedoperator import MappedOperator
from airflow.models.operator_arguments import OperatorArguments
from airflow.operators._container import BaseContainerOperator
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator

from beeflow_worker.importing import ImportedFile
from beeflow_worker.serialize_graph import serialize_datasets, serialize_groups, serialize_params

FORMAT_VERSION = 1
MAX_ID_LENGTH = 250

Json = dict[str, Any]

_CALLBACKS = (
    "on_execute_callback",
    "on_failure_callback",
    "on_success_callback",
    "on_retry_callback",
    "on_skipped_callback",
    "_pre_execute_hook",
    "_post_execute_hook",
)
_DAG_ACTIONS = {"can_read", "can_edit", "can_delete"}
_OLD_ACTIONS = {"can_dag_read": "can_read", "can_dag_edit": "can_edit"}
_TEMPLATE_MARKS = ("{{", "{%", "{#")
_SKIP_EXIT_CODES = [99]
# Arguments of a BashOperator that need Python when it is mapped.
_BASH_IN_PYTHON = ("output_processor", "output_encoding", "run_as_user", "pre_execute")

_PLACE_DEFAULTS: Json = {
    "setup": False,
    "teardown": False,
    "on_failure_fail_dagrun": False,
    "inlets": [],
    "outlets": [],
    "group": None,
    "map": None,
    "edge_labels": {},
    "ui_color": "#fff",
    "ui_fgcolor": "#000",
}
# Defaults of the format; it does not follow the configuration of the installation.
_TASK_DEFAULTS: Json = {
    "owner": "airflow",
    "trigger_rule": "all_success",
    "retries": 0,
    "retry_delay": 300,
    "retry_exponential_backoff": False,
    "max_retry_delay": None,
    "execution_timeout": None,
    "depends_on_past": False,
    "wait_for_downstream": False,
    "ignore_first_depends_on_past": True,
    "start_date": None,
    "end_date": None,
    "pool": "default_pool",
    "pool_slots": 1,
    "queue": "default",
    "priority_weight": 1,
    "weight_rule": "downstream",
    "max_active_tis_per_dag": None,
    "max_active_tis_per_dagrun": None,
    "do_xcom_push": True,
    "map_index_template": None,
    "sla": None,
    "doc_md": None,
}


def serialize_file(imported: ImportedFile) -> Json:
    """Return the result of parsing one file."""
    problem = imported.problem
    return {
        "file": imported.file,
        "dags": [serialize_dag(dag) for dag in imported.dags.values()],
        "error": None if problem is None else vars(problem),
        "warnings": imported.warnings,
        "seconds": round(imported.seconds, 6),
    }


def serialize_dag(dag: DAG) -> Json:
    """Return one DAG as JSON."""
    start, end = _effective_start(dag), _effective_end(dag)
    params, schemas = serialize_params(dag)
    fields: Json = {
        "version": FORMAT_VERSION,
        "dag_id": dag.dag_id,
        "description": dag.description,
        "doc_md": dag.doc_md,
        "display_name": None if dag.dag_display_name == dag.dag_id else dag.dag_display_name,
        "default_view": dag.default_view,
        "orientation": dag.orientation,
        "render_template_as_native_obj": dag.render_template_as_native_obj,
        "template_searchpath": dag.template_searchpath,
        "schedule": _serialize_schedule(dag),
        "start_date": _moment(start),
        "end_date": _moment(end),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "max_active_tasks": dag.max_active_tasks,
        "dagrun_timeout": _span(dag.dagrun_timeout),
        "fail_fast": dag.fail_stop,
        # Nobody unpauses a sub-DAG: the task that runs it does so only when it is to run.
        "is_paused_upon_creation": False if dag.is_subdag else dag.is_paused_upon_creation,
        "tags": dag.tags,
        "access_control": _serialize_access(dag),
        "owners": sorted({task.owner for task in dag.tasks}),
        "params": params,
        "params_schema": schemas,
        "task_groups": serialize_groups(dag),
        "callbacks": _serialize_callbacks(dag),
        "tasks": [serialize_task(task, start, end) for task in dag.topological_sort()],
        "operators": _serialize_operators(dag),
    }
    defaults: Json = {
        "description": None,
        "doc_md": None,
        "display_name": None,
        "default_view": "grid",
        "orientation": "LR",
        "render_template_as_native_obj": False,
        "template_searchpath": [],
        "schedule": {"kind": "none"},
        "start_date": None,
        "end_date": None,
        "catchup": True,
        "max_active_runs": 16,
        "max_active_tasks": conf.getint("core", "max_active_tasks_per_dag"),
        "dagrun_timeout": None,
        "fail_fast": False,
        "is_paused_upon_creation": None,
        "tags": [],
        "access_control": {},
        "owners": [],
        "params": {},
        "params_schema": {},
        "task_groups": [],
        "callbacks": [],
        "tasks": [],
        "operators": {},
    }
    return _without_defaults(fields, defaults)


def _serialize_operators(dag: DAG) -> Json:
    """Return what people see of the classes of the tasks, by their names."""
    operators: Json = {}
    for task in dag.tasks:
        if task.task_type in operators:
            continue
        real = task.operator_class if isinstance(task, MappedOperator) else type(task)
        operators[task.task_type] = {
            "module": real.__module__,
            "template_fields": list(task.template_fields),
            "links": task.extra_links,
        }
    return operators


def serialize_task(
    task: AbstractOperator, dag_start: datetime | None = None, dag_end: datetime | None = None
) -> Json:
    """Return one task as JSON; the dates are those that its DAG is serialized with."""
    fields: Json = {
        "task_id": task.task_id,
        "operator": task.task_type,
        "downstream": sorted(task.downstream_task_ids),
        "run": plan_run(task),
        "executor_config": _serialize_executor_config(task),
    }
    if task.task_display_name != task.task_id:
        fields["display_name"] = task.task_display_name
    for name, default in _TASK_DEFAULTS.items():
        value = _plain(getattr(task, name))
        if value != default:
            fields[name] = value
    if task.start_date == dag_start:
        fields.pop("start_date", None)
    if task.end_date == dag_end:
        fields.pop("end_date", None)
    fields.update(_place_fields(task))
    defaults: Json = {"operator": "BaseOperator", "downstream": [], "run": {"kind": "python"}}
    defaults["executor_config"] = {}
    return _without_defaults(fields, defaults)


def _serialize_executor_config(task: AbstractOperator) -> Json:
    """Return what is asked of the executor; null for values that other executors understand."""
    config = task.executor_config
    if not isinstance(config, Mapping):
        return {}
    return {str(key): _json_or_none(value) for key, value in config.items()}


def _json_or_none(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return None


def _place_fields(task: AbstractOperator) -> Json:
    """Return what the task is in the graph, as far as it is anything but a plain task."""
    group = task.task_group
    fields: Json = {
        "setup": task.is_setup,
        "teardown": task.is_teardown,
        "on_failure_fail_dagrun": task.on_failure_fail_dagrun,
        "inlets": serialize_datasets(task.inlets),
        "outlets": serialize_datasets(task.outlets),
        "group": None if group is None else group.group_id,
        "map": task.expand_input.lengths() if isinstance(task, MappedOperator) else None,
        "edge_labels": _edge_labels(task),
        "ui_color": task.ui_color,
        "ui_fgcolor": task.ui_fgcolor,
    }
    return _without_defaults(fields, _PLACE_DEFAULTS)


def _edge_labels(task: AbstractOperator) -> Json:
    edges = task.dag.edge_info.get(task.task_id, {}) if task.has_dag() else {}
    return {other: info["label"] for other, info in edges.items() if info.get("label")}


def _serialize_access(dag: DAG) -> dict[str, list[str]]:
    """Return by role what its users may do with the DAG. Later versions of Airflow say for each
    role what on the DAG and what on its runs; the latter is up to the roles here."""
    access: dict[str, list[str]] = {}
    for role, given in (dag.access_control or {}).items():
        actions = given.get("DAGs", ()) if isinstance(given, Mapping) else given
        if isinstance(actions, str) or not isinstance(actions, Collection):
            raise AirflowException(
                f"access_control of DAG {dag.dag_id!r}: role {role!r} must have a set of actions"
            )
        names = {_OLD_ACTIONS.get(action, action) for action in actions}
        if unknown := sorted(map(str, names - _DAG_ACTIONS)):
            raise AirflowException(
                f"access_control of DAG {dag.dag_id!r}: role {role!r} has {', '.join(unknown)}; "
                f"the actions are {', '.join(sorted(_DAG_ACTIONS))}"
            )
        access[str(role)] = sorted(names)
    return access


def _serialize_callbacks(dag: DAG) -> list[str]:
    callbacks = {
        "success": dag.on_success_callback,
        "failure": dag.on_failure_callback,
        "sla_miss": dag.sla_miss_callback or any(task.email for task in dag.tasks),
    }
    if not any(task.sla for task in dag.tasks):
        del callbacks["sla_miss"]
    return [kind for kind, callback in callbacks.items() if callback]


def plan_run(task: AbstractOperator) -> Json:
    """Return how a task is to be run: with no process, with no interpreter, or in Python."""
    operator_class = task.operator_class
    if _has_hooks(task) or task.map_index_template or any(task.iter_mapped_dependants()):
        return {"kind": "python"}
    if operator_class.execute is EmptyOperator.execute:
        return {"kind": "empty"}
    if operator_class.execute is BaseContainerOperator.execute:
        return _plan_container(task)
    if operator_class is not BashOperator:
        return {"kind": "python"}
    if isinstance(task, MappedOperator):
        return _plan_mapped_bash(task)
    if isinstance(task, BashOperator) and _is_plain_bash(task):
        kind = "bash_template" if _has_templates(task) else "bash"
        return {"kind": kind, **_bash_fields(task)}
    return {"kind": "python"}


def _plan_container(task: AbstractOperator) -> Json:
    """Return the plan of a task that only runs a container; of a mapped one when it is rendered."""
    if isinstance(task, MappedOperator):
        return {"kind": "container_template"}
    assert isinstance(task, BaseContainerOperator)
    if task.multiple_outputs:
        return {"kind": "python"}
    if _has_templates(task):
        return {"kind": "container_template"}
    return plan_rendered_container(task)


def plan_rendered_container(task: BaseContainerOperator) -> Json:
    """Return the plan of an operator whose fields are rendered."""
    try:
        return {"kind": "container", **task.container_plan()}
    except AirflowException as error:
        raise AirflowException(f"task {task.dag_id}.{task.task_id}: {error}") from None


def _plan_mapped_bash(task: MappedOperator) -> Json:
    """Return the plan of a mapped BashOperator: what it runs is known when it is rendered."""
    if not task.partial_kwargs.keys().isdisjoint(_BASH_IN_PYTHON) or not isinstance(
        task.expand_input, DictOfListsExpandInput
    ):
        return {"kind": "python"}
    if not task.expand_input.value.keys() <= {"bash_command", "env", "cwd"}:
        return {"kind": "python"}
    command = task.partial_kwargs.get("bash_command")
    return {"kind": "bash_template", "command": command if isinstance(command, str) else ""}


def plan_rendered_bash(task: BashOperator) -> Json:
    """Return the plan of a BashOperator whose fields are rendered."""
    for name, value in (task.env or {}).items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise AirflowException(
                f"env of task {task.dag_id}.{task.task_id} must map strings to strings; "
                f"{name!r} is {value!r}"
            )
    return {"kind": "bash", **_bash_fields(task)}


def _bash_fields(task: BashOperator) -> Json:
    fields: Json = {
        "command": str(task.bash_command),
        "env": None if task.env is None else {str(k): str(v) for k, v in task.env.items()},
        "append_env": bool(task.append_env),
        "cwd": None if task.cwd is None else str(task.cwd),
        "skip_exit_codes": sorted(cast("Collection[int]", task.skip_on_exit_code)),
    }
    defaults: Json = {
        "env": None,
        "append_env": False,
        "cwd": None,
        "skip_exit_codes": _SKIP_EXIT_CODES,
    }
    return _without_defaults(fields, defaults)


def _has_hooks(task: AbstractOperator) -> bool:
    """Tell whether user code is to be called around the execution of the task."""
    own = task.operator_class
    if isinstance(task, MappedOperator) and {"pre_execute", "post_execute"} & (
        task.partial_kwargs.keys()
    ):
        return True
    return (
        any(getattr(task, name, None) for name in _CALLBACKS)
        or own.pre_execute is not BaseOperator.pre_execute
        or own.post_execute is not BaseOperator.post_execute
        or not vars(task).keys().isdisjoint(("execute", "pre_execute", "post_execute"))
    )


def _is_plain_bash(task: BashOperator) -> bool:
    """Tell whether the worker can do all that the operator would do."""
    return (
        not task.processes_output
        and task.output_encoding.lower().replace("-", "") == "utf8"
        and isinstance(task.skip_on_exit_code, (tuple, list, set, frozenset, range))
        and not task.run_as_user
    )


def _has_templates(task: BaseOperator) -> bool:
    dag = task.dag
    if dag.jinja_environment_kwargs or dag.render_template_as_native_obj:
        return True
    return any(_is_template(task, getattr(task, field)) for field in task.template_fields)


def _is_template(task: BaseOperator, value: Any) -> bool:
    """Tell whether rendering could change `value`."""
    if value is None or isinstance(value, (bool, int, float)):
        return False
    if isinstance(value, str):
        named = value.endswith(tuple(task.template_ext))
        return named or any(mark in value for mark in _TEMPLATE_MARKS)
    if isinstance(value, dict):
        return any(_is_template(task, item) for item in value.values())
    if type(value) in (list, tuple):
        return any(_is_template(task, item) for item in value)
    return True


def _serialize_schedule(dag: DAG) -> Json:
    if dag.is_subdag:
        return {"kind": "none"}
    schedule = dag.timetable.to_schedule()
    if "seconds" in schedule:
        schedule["seconds"] = _number(schedule["seconds"])
    return schedule


def _effective_start(dag: DAG) -> Any:
    """Return from when the DAG is scheduled: its own date, else the earliest of its tasks."""
    if dag.start_date is not None:
        return dag.start_date
    return min((task.start_date for task in dag.tasks if task.start_date is not None), default=None)


def _effective_end(dag: DAG) -> Any:
    """Return until when the DAG is scheduled: its own date, else when the last task ends."""
    ends = [task.end_date for task in dag.tasks]
    if dag.end_date is not None or not ends or None in ends:
        return dag.end_date
    return max(end for end in ends if end is not None)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, timedelta):
        return _span(value)
    return str(value) if isinstance(value, str) else value


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _span(value: timedelta | None) -> float | int | None:
    return None if value is None else _number(value.total_seconds())


def _number(value: float) -> float | int:
    return int(value) if math.floor(value) == value else value


def _without_defaults(fields: Json, defaults: Json) -> Json:
    return {k: v for k, v in fields.items() if k not in defaults or v != defaults[k]}


assert _TASK_DEFAULTS.keys() <= OperatorArguments.__annotations__.keys()
