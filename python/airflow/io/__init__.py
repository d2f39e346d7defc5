"""Object storage."""

from __future__ import annotations

from airflow._lazy import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "ObjectStoragePath": "airflow.io.path",
        "get_fs": "airflow.io.filesystems",
        "has_fs": "airflow.io.filesystems",
    },
)

__all__ = ["ObjectStoragePath", "get_fs", "has_fs"]
