"""Kerberos tickets for hooks that submit work on behalf of a principal."""

from __future__ import annotations

import logging
import subprocess
import sys

from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.security.utils import get_hostname

logger = logging.getLogger(__name__)


def get_kerberos_principle(principal: str | None) -> str:
    """Return the principal, by default the configured one, for this host."""
    name = principal or conf.get("kerberos", "principal", fallback="airflow")
    return str(name).replace("_HOST", get_hostname())


def renew_from_kt(principal: str | None, keytab: str, exit_on_fail: bool = True) -> int:
    """Get a ticket with a keytab and return 0; where that fails, end the process or raise.

    The settings are those of `[kerberos]`: `kinit_path`, `ccache`, `reinit_frequency` in seconds,
    `forwardable` and `include_ip`.
    """
    minutes = conf.getint("kerberos", "reinit_frequency", fallback=3600) // 60
    command = [
        conf.get("kerberos", "kinit_path", fallback="kinit"),
        "-f" if conf.getboolean("kerberos", "forwardable", fallback=True) else "-F",
        "-a" if conf.getboolean("kerberos", "include_ip", fallback=True) else "-A",
        *("-r", f"{minutes}m"),
        *("-k", "-t", keytab),
        *("-c", conf.get("kerberos", "ccache", fallback="/tmp/airflow_krb5_ccache")),
        get_kerberos_principle(principal),
    ]
    logger.info("Re-initialising kerberos from keytab: %s", " ".join(command))
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        problem = None if done.returncode == 0 else (done.stderr or done.stdout).strip()
    except OSError as error:
        problem = str(error)
    if problem is None:
        return 0
    message = f"cannot get a Kerberos ticket: {' '.join(command)}: {problem}"
    if exit_on_fail:
        logger.error("%s", message)
        sys.exit(1)
    raise AirflowException(message)
