"""The largest XCom: `[core] max_xcom_bytes`."""

from __future__ import annotations

import json
from typing import Any

from airflow.configuration import conf
from airflow.exceptions import AirflowException

_DEFAULT_BYTES_MAX = 4 << 20


def check_xcom_size(key: str, encoded: Any, task: str) -> None:
    """Raise an error if `encoded`, a JSON value, is too large to be an XCom of `task`."""
    limit = conf.getint("core", "max_xcom_bytes", fallback=_DEFAULT_BYTES_MAX)
    size = len(json.dumps(encoded, separators=(",", ":"), ensure_ascii=False).encode())
    if size > limit:
        raise AirflowException(
            f"XCom {key!r} of task {task} has {size} bytes of JSON, and [core] max_xcom_bytes "
            f"allows {limit}; store the data in a file or a bucket and hand on its name, or allow "
            "more"
        )
