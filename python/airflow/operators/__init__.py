"""The core operators. Their names are here too, as in Airflow 1."""

from __future__ import annotations

from airflow._lazy import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "BashOperator": "airflow.operators.bash",
        "BranchPythonOperator": "airflow.operators.python",
        "DummyOperator": "airflow.operators.dummy",
        "EmailOperator": "airflow.operators.email",
        "EmptyOperator": "airflow.operators.empty",
        "GenericTransfer": "airflow.operators.generic_transfer",
        "LatestOnlyOperator": "airflow.operators.latest_only",
        "PythonOperator": "airflow.operators.python",
        "ShortCircuitOperator": "airflow.operators.python",
        "SubDagOperator": "airflow.operators.subdag",
        "TriggerDagRunOperator": "airflow.operators.trigger_dagrun",
    },
)
