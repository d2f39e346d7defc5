"""XCom: values that tasks store for each other, read and written without a task instance."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from airflow import _engine, _json
from airflow.exceptions import AirflowException
from airflow.models._database import ColumnsType, offer_columns
from airflow.utils.xcom import MAX_XCOM_KEY_LENGTH, XCOM_RETURN_KEY

__all__ = ["MAX_XCOM_KEY_LENGTH", "XCOM_RETURN_KEY", "BaseXCom", "XCom", "resolve_xcom_backend"]


class BaseXCom(metaclass=ColumnsType):
    """One stored value; the class methods reach all of them through the engine."""

    XCOM_RETURN_KEY = XCOM_RETURN_KEY

    def __init__(
        self,
        *,
        key: str,
        value: Any = None,
        dag_id: str,
        task_id: str,
        run_id: str,
        map_index: int = -1,
    ) -> None:
        self.key = key
        self.value = value
        self.dag_id = dag_id
        self.task_id = task_id
        self.run_id = run_id
        self.map_index = map_index

    def __repr__(self) -> str:
        name = f'<XCom "{self.key}" ({self.task_id}'
        return (
            f"{name}[{self.map_index}] @ {self.run_id})>"
            if self.map_index >= 0
            else (f"{name} @ {self.run_id})>")
        )

    @staticmethod
    def serialize_value(value: Any, **_: Any) -> str:
        """Return `value` as the JSON text that is stored."""
        return json.dumps(_encode(value))

    @staticmethod
    def deserialize_value(result: Any) -> Any:
        """Return the value of a stored XCom, or None for None."""
        return None if result is None else getattr(result, "value", result)

    def orm_deserialize_value(self) -> Any:
        """Return the value in the form that people are shown."""
        return self.value

    @classmethod
    def set(
        cls,
        key: str,
        value: Any,
        task_id: str,
        dag_id: str,
        run_id: str | None = None,
        map_index: int = -1,
        *,
        execution_date: Any = None,
        session: Any = None,
    ) -> None:
        """Store a value, in place of an earlier one with the same key."""
        run = run_id or _find_run_id(dag_id, execution_date)
        _encode(value)  # the engine does so again; here the error says where it comes from
        _request(
            "xcom_set",
            dag_id=dag_id,
            run_id=run,
            task_id=task_id,
            map_index=map_index,
            key=key,
            value=value,
        )

    @classmethod
    def get_value(cls, *, ti_key: Any, key: str | None = None, session: Any = None) -> Any:
        """Return the value that a task instance, named by its key, has stored."""
        return cls.get_one(
            key=key,
            task_id=ti_key.task_id,
            dag_id=ti_key.dag_id,
            run_id=ti_key.run_id,
            map_index=ti_key.map_index,
        )

    @classmethod
    def get_one(
        cls,
        execution_date: Any = None,
        key: str | None = None,
        task_id: str | None = None,
        dag_id: str | None = None,
        include_prior_dates: bool = False,
        *,
        run_id: str | None = None,
        map_index: int | None = None,
        session: Any = None,
    ) -> Any:
        """Return one value, or None where there is none.

        With `include_prior_dates` it may be of an earlier run that has one.
        """
        if not dag_id or not task_id:
            raise ValueError("XCom.get_one needs dag_id and task_id")
        where = {"dag_id": dag_id, "task_id": task_id, "key": key or XCOM_RETURN_KEY}
        index = -1 if map_index is None else map_index
        if include_prior_dates:
            date = execution_date or _get_run(dag_id, run_id)["logical_date"]
            text = date if isinstance(date, str) else date.isoformat()
            value = _request("xcom_get_prior", logical_date=text, map_index=index, **where)
        else:
            run = run_id or _find_run_id(dag_id, execution_date)
            pushed = _find_pushed(dag_id, run, task_id, index)
            if where["key"] in pushed:
                return _json.decode(pushed[where["key"]])
            value = _request("xcom_get", run_id=run, map_index=index, **where)
        return value

    @classmethod
    def get_many(
        cls,
        execution_date: Any = None,
        key: str | None = None,
        task_ids: str | Iterable[str] | None = None,
        dag_ids: str | Iterable[str] | None = None,
        include_prior_dates: bool = False,
        limit: int | None = None,
        *,
        run_id: str | None = None,
        map_indexes: int | Iterable[int] | None = None,
        session: Any = None,
    ) -> list[BaseXCom]:
        """Return stored values with their keys, those of mapped tasks one by one."""
        indexes = None if map_indexes is None else set(_as_list(map_indexes))
        name = key or XCOM_RETURN_KEY
        found = []
        for dag_id in _as_list(dag_ids):
            run = run_id or _find_run_id(dag_id, execution_date)
            for task_id in _as_list(task_ids):
                where = {"dag_id": dag_id, "run_id": run, "task_id": task_id, "key": name}
                for map_index, value in _request("xcom_get_all", **where):
                    if indexes is None or map_index in indexes:
                        found.append(cls(value=value, map_index=map_index, **where))
        return found if limit is None else found[:limit]

    @classmethod
    def clear(
        cls,
        execution_date: Any = None,
        dag_id: str | None = None,
        task_id: str | None = None,
        *,
        run_id: str | None = None,
        map_index: int | None = None,
        session: Any = None,
    ) -> None:
        """Delete what a task instance has stored."""
        if not dag_id or not task_id:
            raise TypeError("XCom.clear needs dag_id and task_id")
        _request(
            "xcom_clear",
            dag_id=dag_id,
            run_id=run_id or _find_run_id(dag_id, execution_date),
            task_id=task_id,
            map_index=-1 if map_index is None else map_index,
        )


class XCom(BaseXCom):
    """The XComs of the installation."""


offer_columns(XCom, "dag_id task_id run_id map_index key value execution_date timestamp")


def resolve_xcom_backend() -> type[BaseXCom]:
    """Return the class that keeps XComs."""
    return XCom


def _encode(value: Any) -> Any:
    try:
        return _json.encode(value)
    except TypeError as error:
        raise TypeError(f"an XCom must be a JSON value: {error}") from None


def _find_pushed(*identity: Any) -> Mapping[str, Any]:
    """Return what the task instance that runs here has pushed, if it is the one that is meant."""
    from airflow.models.taskinstance import _CURRENT_CONTEXT

    for context in reversed(_CURRENT_CONTEXT):
        ti = context["ti"]
        if (ti.dag_id, ti.run_id, ti.task_id, ti.map_index) == identity:
            pushed: Mapping[str, Any] = ti.pushed
            return pushed
    return {}


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return [value] if isinstance(value, (str, int)) else list(value)


def _request(method: str, **params: Any) -> Any:
    return _engine.require(f"XCom ({method})").request(method, **params)


def _get_run(dag_id: str, run_id: str | None) -> dict[str, Any]:
    run: dict[str, Any] | None = _request("run_get", dag_id=dag_id, run_id=run_id)
    if run is None:
        raise AirflowException(f"DAG {dag_id!r} has no run {run_id!r}")
    return run


def _find_run_id(dag_id: str, execution_date: Any) -> str:
    if execution_date is None:
        raise ValueError("one of run_id and execution_date must be given")
    text = execution_date if isinstance(execution_date, str) else execution_date.isoformat()
    run = _request("run_get", dag_id=dag_id, logical_date=text)
    if run is None:
        raise AirflowException(f"DAG {dag_id!r} has no run of {text}")
    return str(run["run_id"])
