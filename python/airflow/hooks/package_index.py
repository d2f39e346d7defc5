"""PackageIndexHook: the address of a package index, with user and password."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from airflow.hooks.base import BaseHook


class PackageIndexHook(BaseHook):
    """A package index, whose URL is the host of a connection."""

    conn_name_attr = "pi_conn_id"
    default_conn_name = "package_index_default"
    conn_type = "package_index"
    hook_name = "Package Index (Python)"

    def __init__(self, pi_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pi_conn_id = pi_conn_id
        self.conn = None

    def get_conn(self) -> str:
        """Return the address."""
        return self.get_connection_url()

    def get_connection_url(self) -> str:
        """Return the address, with the user and password of the connection."""
        connection = self.get_connection(self.pi_conn_id)
        address = urlsplit(connection.host or "")
        if not connection.login:
            return address.geturl()
        user = quote(connection.login, safe="")
        if connection.password:
            user += f":{quote(connection.password, safe='')}"
        return address._replace(netloc=f"{user}@{address.netloc}").geturl()
