"""Parts of Kerberos principals."""

from __future__ import annotations

import socket


def get_components(principal: str | None) -> list[str] | None:
    """Return service, host and realm of `service/host@REALM`."""
    if not principal:
        return None
    return principal.replace("@", "/").split("/")


def replace_hostname_pattern(components: list[str], host: str | None = None) -> str:
    """Return the principal with `_HOST` replaced by the name of a host."""
    fqdn = host if host and host != "0.0.0.0" else socket.getfqdn()
    service, name, realm = components
    return f"{service}/{fqdn.lower() if name == '_HOST' else name}@{realm}"


def get_fqdn(hostname_or_ip: str | None = None) -> str | None:
    """Return the full name of a host."""
    return socket.getfqdn(hostname_or_ip or "")


def principal_from_username(username: str, realm: str | None) -> str:
    """Return the principal of a user."""
    return f"{username}@{realm}" if "@" not in username and realm else username


def get_hostname() -> str:
    """Return the name of this host."""
    return socket.gethostname()
