"""The names under which Airflow 3 exports the authoring API."""

from __future__ import annotations

from airflow._lazy import lazy_exports

_MODULES = {
    "BaseHook": "airflow.hooks.base",
    "BaseOperator": "airflow.models.baseoperator",
    "BaseOperatorLink": "airflow.models.baseoperatorlink",
    "Connection": "airflow.models.connection",
    "Context": "airflow.utils.context",
    "DAG": "airflow.models.dag",
    "Label": "airflow.utils.edgemodifier",
    "Param": "airflow.models.param",
    "ParamsDict": "airflow.models.param",
    "TaskGroup": "airflow.utils.task_group",
    "TaskInstanceState": "airflow.utils.state",
    "TriggerRule": "airflow.utils.trigger_rule",
    "Variable": "airflow.models.variable",
    "WeightRule": "airflow.utils.weight_rule",
    "XComArg": "airflow.models.xcom_arg",
    "chain": "airflow.models.baseoperator",
    "chain_linear": "airflow.models.baseoperator",
    "cross_downstream": "airflow.models.baseoperator",
    "dag": "airflow.decorators",
    "get_current_context": "airflow.models.taskinstance",
    "literal": "airflow.utils.template",
    "task": "airflow.decorators",
    "task_group": "airflow.decorators",
}

__getattr__, __dir__ = lazy_exports(__name__, _MODULES)

__all__ = list(_MODULES)
