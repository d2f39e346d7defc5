"""Trying a connection out: `beeflow connections test`."""

from __future__ import annotations

import os

from airflow.models.connection import Connection


def check_connection(conn_id: str, uri: str | None = None) -> tuple[bool, str]:
    """Return whether the hook of the connection gets through, and what it says; never raises.

    One that is not stored comes as a URI; hooks then find it in the environment, by its id.
    """
    if uri is not None:
        os.environ["AIRFLOW_CONN_" + conn_id.upper()] = uri
    try:
        hook = Connection.get_connection_from_secrets(conn_id).get_hook()
        test = getattr(hook, "test_connection", None)
        if test is None:
            return False, (
                f"{type(hook).__name__} has no test_connection method, so that the connection "
                "cannot be tested"
            )
        works, message = test()
    except Exception as error:
        text = str(error)
        return False, f"{type(error).__name__}: {text}" if text else type(error).__name__
    return bool(works), str(message)
