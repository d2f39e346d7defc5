"""FSHook: a folder of the local file system."""

from __future__ import annotations

from typing import Any

from airflow.exceptions import AirflowNotFoundException
from airflow.hooks.base import BaseHook
from airflow.models.connection import Connection


class FSHook(BaseHook):
    """A folder, which the extra field `path` of a connection names.

    `fs_default` need not be defined: it then is the root folder.
    """

    conn_name_attr = "fs_conn_id"
    default_conn_name = "fs_default"
    conn_type = "fs"
    hook_name = "File (path)"

    def __init__(self, fs_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fs_conn_id = fs_conn_id
        self.conn = self._find_connection()
        self.basepath: str = self.conn.extra_dejson.get("path", "")

    def _find_connection(self) -> Connection:
        try:
            return self.get_connection(self.fs_conn_id)
        except AirflowNotFoundException:
            if self.fs_conn_id != self.default_conn_name:
                raise
            return Connection(conn_id=self.fs_conn_id, conn_type="fs", extra={"path": "/"})

    def get_conn(self) -> None:
        """A folder has no client."""

    def get_path(self) -> str:
        """Return the path of the folder."""
        return self.basepath
