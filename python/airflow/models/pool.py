"""Pool: a limit on how many tasks run at once."""

from __future__ import annotations

from typing import Any

from airflow import _engine
from airflow.exceptions import AirflowException, PoolNotFound
from airflow.models._database import DatabaseModel


class Pool(DatabaseModel):
    """A pool as the engine knows it."""

    DEFAULT_POOL_NAME = "default_pool"

    @classmethod
    def get_pool(cls, pool_name: str, session: Any = None) -> Pool | None:
        """Return a pool, or None where there is none with the name."""
        found = _engine.require("Pool.get_pool()").request("pool_get", pool=pool_name)
        return None if found is None else cls(**found)

    @classmethod
    def get_default_pool(cls, session: Any = None) -> Pool | None:
        """Return the pool of tasks that name none."""
        return cls.get_pool(cls.DEFAULT_POOL_NAME)

    @classmethod
    def is_default_pool(cls, id: int, session: Any = None) -> bool:  # noqa: A002
        """Tell whether this is the number of the default pool."""
        return id == 1

    @staticmethod
    def create_or_update_pool(name: str, *_: Any, **__: Any) -> Pool:
        """Refuse: tasks cannot change pools."""
        raise AirflowException(f"a task cannot create pool {name!r}; use `beeflow pools set`")

    @staticmethod
    def delete_pool(name: str, session: Any = None) -> Pool:
        """Refuse: tasks cannot change pools."""
        raise AirflowException(f"a task cannot delete pool {name!r}; use `beeflow pools delete`")

    def __repr__(self) -> str:
        return str(vars(self).get("pool"))


def get_pool(name: str) -> Pool:
    """Return a pool; PoolNotFound where there is none with the name."""
    pool = Pool.get_pool(name)
    if pool is None:
        raise PoolNotFound(f"Pool {name!r} doesn't exist")
    return pool
