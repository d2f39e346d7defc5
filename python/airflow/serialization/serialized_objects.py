"""BaseSerialization and SerializedDAG, under the names that code of DAGs and tests imports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from airflow import _json

if TYPE_CHECKING:
    from airflow.models.dag import DAG


class BaseSerialization:
    """Writes values as JSON."""

    @classmethod
    def serialize(cls, var: Any, **_: Any) -> Any:
        """Return a value as plain JSON values."""
        return _json.encode(var)

    @classmethod
    def deserialize(cls, encoded_var: Any, **_: Any) -> Any:
        """Return the value that `serialize` has written."""
        return _json.decode(encoded_var)


class SerializedBaseOperator(BaseSerialization):
    """What Airflow's scheduler makes of an operator. Nothing here is one: tasks get their own."""


class SerializedDAG(BaseSerialization):
    """Writes DAGs as JSON, in the form of docs/formats/serialized-dag.md."""

    @classmethod
    def to_dict(cls, var: DAG) -> dict[str, Any]:
        """Return a DAG as JSON values."""
        from beeflow_worker.serialize import serialize_dag

        return serialize_dag(var)

    @classmethod
    def to_json(cls, var: DAG) -> str:
        """Return a DAG as JSON text."""
        return json.dumps(cls.to_dict(var))
