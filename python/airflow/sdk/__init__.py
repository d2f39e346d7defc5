"""The names under which Airflow 3 exports the authoring API."""

from __future__ import annotations

from airflow._lazy import lazy_exports
from airflow.version import version as __version__

_MODULES = {
    "Asset": "airflow.datasets",
    "AssetAlias": "airflow.datasets",
    "AssetAll": "airflow.datasets",
    "AssetAny": "airflow.datasets",
    "AssetOrTimeSchedule": "airflow.timetables.assets",
    "AssetWatcher": "airflow.sdk.definitions.asset",
    "AsyncCallback": "airflow.sdk.definitions.callback",
    "BaseHook": "airflow.hooks.base",
    "BaseNotifier": "airflow.notifications.basenotifier",
    "BaseOperator": "airflow.models.baseoperator",
    "BaseOperatorLink": "airflow.models.baseoperatorlink",
    "BaseSensorOperator": "airflow.sensors.base",
    "BaseXCom": "airflow.models.xcom",
    "Connection": "airflow.models.connection",
    "Context": "airflow.utils.context",
    "CronDataIntervalTimetable": "airflow.timetables.interval",
    "CronTriggerTimetable": "airflow.timetables.trigger",
    "DAG": "airflow.models.dag",
    "DagRunState": "airflow.utils.state",
    "DeadlineAlert": "airflow.sdk.definitions.deadline",
    "DeadlineReference": "airflow.sdk.definitions.deadline",
    "DeltaDataIntervalTimetable": "airflow.timetables.interval",
    "DeltaTriggerTimetable": "airflow.timetables.trigger",
    "EdgeModifier": "airflow.utils.edgemodifier",
    "EventsTimetable": "airflow.timetables.events",
    "Label": "airflow.utils.edgemodifier",
    "MappedOperator": "airflow.models.mappedoperator",
    "Metadata": "airflow.datasets.metadata",
    "MultipleCronTriggerTimetable": "airflow.timetables.trigger",
    "ObjectStoragePath": "airflow.io.path",
    "Param": "airflow.models.param",
    "ParamsDict": "airflow.models.param",
    "PokeReturnValue": "airflow.sensors.base",
    "SyncCallback": "airflow.sdk.definitions.callback",
    "TaskGroup": "airflow.utils.task_group",
    "TaskInstanceState": "airflow.utils.state",
    "TriggerRule": "airflow.utils.trigger_rule",
    "Variable": "airflow.models.variable",
    "WeightRule": "airflow.utils.weight_rule",
    "XComArg": "airflow.models.xcom_arg",
    "asset": "airflow.sdk.definitions.asset",
    "chain": "airflow.models.baseoperator",
    "chain_linear": "airflow.models.baseoperator",
    "cross_downstream": "airflow.models.baseoperator",
    "dag": "airflow.decorators",
    "get_current_context": "airflow.models.taskinstance",
    "get_parsing_context": "airflow.utils.dag_parsing_context",
    "literal": "airflow.utils.template",
    "setup": "airflow.decorators",
    "task": "airflow.decorators",
    "task_group": "airflow.decorators",
    "teardown": "airflow.decorators",
    "timezone": "airflow.utils",
}

__getattr__, __dir__ = lazy_exports(__name__, _MODULES)

__all__ = ["__version__", *_MODULES]
