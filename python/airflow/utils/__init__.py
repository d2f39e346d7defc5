"""Supporting modules of the authoring API, under the names that Airflow gives them."""

from __future__ import annotations

from airflow._lazy import lazy_exports

__getattr__, __dir__ = lazy_exports(__name__, {})
