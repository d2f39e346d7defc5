"""Parts of the serialized DAG that several of its fields share: groups, mapping, datasets."""

from __future__ import annotations

import json
import sys
from typing import Any

from airflow import _json
from airflow.exceptions import AirflowException
from airflow.models.dag import DAG
from airflow.utils.task_group import MappedTaskGroup, TaskGroup
from airflow.utils.types import ArgNotSet

Json = dict[str, Any]


def serialize_groups(dag: DAG) -> list[Json]:
    """Return the task groups, parents before children."""
    return [_serialize_group(group) for group in dag.task_group_dict.values()]


def _serialize_group(group: TaskGroup) -> Json:
    parent = group.parent_group
    fields: Json = {
        "group_id": group.group_id,
        "parent": None if parent is None else parent.group_id,
        "tooltip": group.tooltip or None,
        "label": group.label,
    }
    if isinstance(group, MappedTaskGroup):
        fields["map"] = group.expand_input.lengths()
    return {name: value for name, value in fields.items() if value is not None}


def serialize_datasets(items: Any) -> list[Json]:
    """Return inlets or outlets; those that are neither datasets nor aliases are left out."""
    datasets: Any = sys.modules.get("airflow.datasets")
    found: list[Json] = []
    for item in _as_items(items) if datasets is not None else ():
        if isinstance(item, datasets.DatasetAlias):
            found.append({"alias": item.name})
        elif isinstance(item, datasets.Dataset):
            extra = _json.encode(dict(item.extra or {}))
            found.append({"uri": item.uri, **({"extra": extra} if extra else {})})
    return found


def _as_items(items: Any) -> list[Any]:
    if items is None:
        return []
    return list(items) if isinstance(items, (list, tuple, set)) else [items]


def serialize_params(dag: DAG) -> tuple[Json, Json]:
    """Return the defaults of the params, and the JSON schemas of those that have one.

    A param without a default is among the schemas alone.
    """
    values, schemas = {}, {}
    for name in dag.params:
        param = dag.params.get_param(name)
        has_default = not isinstance(param.value, ArgNotSet)
        if has_default:
            values[name] = _plain(param.value, f"DAG {dag.dag_id}: the default of param {name!r}")
        schema = dict(param.schema)
        if param.description is not None:
            schema["description"] = param.description
        if schema or not has_default:
            schemas[name] = _plain(schema, f"DAG {dag.dag_id}: the schema of param {name!r}")
    return values, schemas


def _plain(value: Any, what: str) -> Any:
    try:
        json.dumps(value, allow_nan=False)
        return value
    except (TypeError, ValueError):
        pass
    try:
        return _json.encode(value)
    except (TypeError, ValueError) as error:
        raise AirflowException(f"{what} is not JSON ({error})") from None
