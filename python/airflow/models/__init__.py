"""The classes that DAG files are made of, imported on first use."""

from __future__ import annotations

from airflow._lazy import lazy_exports

_MODULES = {
    "DAG": "airflow.models.dag",
    "BaseOperator": "airflow.models.baseoperator",
    "BaseOperatorLink": "airflow.models.baseoperatorlink",
    "Connection": "airflow.models.connection",
    "DagRun": "airflow.models.dagrun",
    "Operator": "airflow.models.operator",
    "Param": "airflow.models.param",
    "SkipMixin": "airflow.models.skipmixin",
    "TaskInstance": "airflow.models.taskinstance",
    "Variable": "airflow.models.variable",
    "XComArg": "airflow.models.xcom_arg",
    "XCOM_RETURN_KEY": "airflow.utils.xcom",
}

__getattr__, __dir__ = lazy_exports(__name__, _MODULES)

__all__ = list(_MODULES)
