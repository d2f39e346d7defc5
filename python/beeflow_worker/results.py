"""What the result of a task means for others: lengths of mapped tasks, and updated datasets."""

from __future__ import annotations

import inspect
import logging
import sys
from typing import Any

from airflow import _json
from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.models.expandinput import is_mappable

logger = logging.getLogger("airflow.task")

_DEFAULT_MAX_MAP_LENGTH = 1024


def consume_results(operator: Any, context: Any, result: Any) -> Any:
    """Return the result; that of a generator is what it returns, once its metadata are noted."""
    if not inspect.isgenerator(result):
        return result
    while True:
        try:
            item = next(result)
        except StopIteration as end:
            return end.value
        if _is_metadata(item):
            context["outlet_events"].accept(item)
        else:
            logger.warning("Ignoring unknown data of %r received from task", type(item))


def _is_metadata(item: Any) -> bool:
    module = sys.modules.get("airflow.datasets.metadata")
    return module is not None and isinstance(item, module.Metadata)


def measure_mapped(operator: Any, result: Any) -> int | None:
    """Return the number of items that tasks downstream are mapped over; None where none are.

    Raises an error where the result cannot be mapped over.
    """
    task = operator.dag.get_task(operator.task_id)  # the operator may be one that was mapped
    if task.has_instances_by_index or next(task.iter_mapped_dependants(), None) is None:
        return None
    if result is None:
        raise AirflowException(
            f"task {operator.task_id} returned nothing, but a task downstream is mapped over its "
            "result; return a list or dict"
        )
    if not is_mappable(result):
        raise AirflowException(
            f"unmappable return type {type(result).__qualname__!r} of task {operator.task_id}: a "
            "task downstream is mapped over it; return a list or dict"
        )
    limit = conf.getint("core", "max_map_length", fallback=_DEFAULT_MAX_MAP_LENGTH)
    if len(result) > limit:
        raise AirflowException(
            f"unmappable return value length of task {operator.task_id}: {len(result)} > {limit} "
            "([core] max_map_length)"
        )
    return len(result)


def collect_dataset_events(operator: Any, context: Any) -> list[dict[str, Any]]:
    """Return the events of the datasets that the task has updated."""
    if not operator.outlets or "airflow.datasets" not in sys.modules:
        return []
    events = context["outlet_events"].collect(operator.get_outlet_defs())
    return [{**event, "extra": _json.encode(event["extra"])} for event in events]
