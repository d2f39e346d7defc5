"""`ti.xcom_pull`: which stored values its arguments stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow import _engine, _json
from airflow.models.lazy_xcom import LazyXComSequence

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance


class XComPuller:
    """Looks for values under one key, in one run or before it."""

    def __init__(
        self, ti: TaskInstance, dag_id: str | None, run_id: str | None, key: str | None, prior: bool
    ) -> None:
        self._ti = ti
        self._dag_id = dag_id or ti.dag_id
        self._run_id = run_id or ti.run_id
        self._key = key
        self._prior = prior

    def pull(
        self,
        task_ids: str | Iterable[str] | None,
        map_indexes: int | Iterable[int] | None,
        default: Any,
    ) -> Any:
        """Return one value for one task, a list for several."""
        if isinstance(map_indexes, Iterable) or not isinstance(task_ids, (str, type(None))):
            if task_ids is None:
                task_ids = self._candidates()
            names = [task_ids] if isinstance(task_ids, str) else list(task_ids)
            return self._pull_several(names, map_indexes)
        for task_id in self._candidates() if task_ids is None else [task_ids]:
            value = self._pull_one(task_id, map_indexes)
            if value is not None:
                return value
        return default

    def _candidates(self) -> list[str]:
        """Return the tasks that any of may be meant: near upstream tasks first."""
        if self._dag_id != self._ti.dag_id:
            dag = _engine.require("xcom_pull").request("dag_get", dag_id=self._dag_id)
            return list(dag["task_ids"]) if dag else []
        task = self._ti.task
        upstream = task.get_flat_relative_ids(upstream=True)
        ordered = [other.task_id for other in reversed(task.dag.topological_sort())]
        near = [task_id for task_id in ordered if task_id in upstream]
        return [self._ti.task_id, *near, *(i for i in ordered if i not in upstream)]

    def _pull_one(self, task_id: str, map_index: Any) -> Any:
        if map_index is not None:
            return self._get(task_id, map_index)
        if not self._may_be_mapped(task_id):
            return self._get(task_id, -1)
        values = self._get_all(task_id)
        if not values:
            return self._get(task_id, -1) if self._prior else None
        if len(values) == 1 and values[0][0] < 0:
            return values[0][1]
        return LazyXComSequence(lambda: [value for _, value in values])

    def _pull_several(self, task_ids: list[str], map_indexes: Any) -> LazyXComSequence:
        def fetch() -> list[Any]:
            found = []
            for task_id in task_ids:
                values = [value for _, value in self._iterate(task_id, map_indexes)]
                found += [value for value in values if value is not None]
            return found

        return LazyXComSequence(fetch)

    def _iterate(self, task_id: str, map_indexes: Any) -> Iterable[tuple[int, Any]]:
        if self._key is None:
            indexes = {map_indexes} if isinstance(map_indexes, int) else set(map_indexes or ())
            return [pair for pair in self._get_all(task_id) if not indexes or pair[0] in indexes]
        if map_indexes is None:
            if self._may_be_mapped(task_id):
                return self._get_all(task_id)
            return [(-1, self._get(task_id, -1))]
        indexes = list(map_indexes) if isinstance(map_indexes, Iterable) else [map_indexes]
        return [(index, self._get(task_id, index)) for index in indexes]

    def _may_be_mapped(self, task_id: str) -> bool:
        dag = self._ti.task.dag
        if self._dag_id != self._ti.dag_id:
            return True
        return bool(dag.has_task(task_id) and dag.get_task(task_id).has_instances_by_index)

    def _get(self, task_id: str, map_index: int) -> Any:
        ti = self._ti
        own = (ti.dag_id, ti.run_id, ti.task_id, ti.map_index)
        if own == (self._dag_id, self._run_id, task_id, map_index) and ti.pushed:
            key = next(reversed(ti.pushed)) if self._key is None else self._key
            if key in ti.pushed:
                return _json.decode(ti.pushed[key])
        engine = _engine.require("xcom_pull")
        where: dict[str, Any] = {"task_id": task_id, "map_index": map_index, "key": self._key}
        if not self._prior:
            return engine.xcom_get(dag_id=self._dag_id, run_id=self._run_id, **where)
        date = ti.dag_run.logical_date
        return engine.request(
            "xcom_get_prior",
            dag_id=self._dag_id,
            logical_date=None if date is None else date.isoformat(),
            **where,
        )

    def _get_all(self, task_id: str) -> list[Any]:
        values = _engine.require("xcom_pull").request(
            "xcom_get_all",
            dag_id=self._dag_id,
            run_id=self._run_id,
            task_id=task_id,
            key=self._key,
        )
        return [tuple(pair) for pair in values or ()]
