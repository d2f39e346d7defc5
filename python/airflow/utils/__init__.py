"""Supporting modules of the authoring API, under the names that Airflow gives them.

Some names of theirs are here too, as in Airflow 1.
"""

from __future__ import annotations

from airflow._lazy import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AirflowException": "airflow.exceptions",
        "State": "airflow.utils.state",
        "TriggerRule": "airflow.utils.trigger_rule",
        "apply_defaults": "airflow.utils.decorators",
    },
)
