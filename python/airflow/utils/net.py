"""Names and addresses of this host."""

from __future__ import annotations

import socket


def getfqdn(name: str = "") -> str:
    """Return the full name of a host, by default this one."""
    return socket.getfqdn(name)


def get_host_ip_address() -> str:
    """Return the address of this host."""
    return socket.gethostbyname(getfqdn())


def get_hostname() -> str:
    """Return the name of this host, as `[core] hostname_callable` gives it."""
    from airflow.configuration import conf

    name: str = conf.getimport("core", "hostname_callable")()
    return name
