"""DagModel: what the engine knows of a DAG."""

from __future__ import annotations

from typing import Any

from airflow import _engine
from airflow.models._database import DatabaseModel


class DagTag(DatabaseModel):
    """A tag of a DAG."""


class DagOwnerAttributes(DatabaseModel):
    """A link of an owner."""


class DagModel(DatabaseModel):
    """A DAG as the engine knows it: `dag_id`, `is_paused`, `fileloc`."""

    @classmethod
    def get_dagmodel(cls, dag_id: str, session: Any = None) -> DagModel | None:
        """Return what the engine knows of a DAG, or None."""
        found = _engine.require("DagModel.get_dagmodel()").request("dag_get", dag_id=dag_id)
        if found is None:
            return None
        return cls(
            dag_id=found["dag_id"],
            is_paused=found["is_paused"],
            is_active=True,
            fileloc=found["file"],
        )

    get_current = get_dagmodel

    def get_is_paused(self, *, session: Any = None) -> bool:
        """Tell whether the DAG is paused."""
        return bool(self.is_paused)

    def __repr__(self) -> str:
        return f"<DAG: {vars(self).get('dag_id')}>"
