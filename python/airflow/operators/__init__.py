"""The core operators.

As in Airflow 1, their names are here too, and those of operators of providers and plugins.
"""

from __future__ import annotations

import functools

from airflow._lazy import lazy_exports
from airflow.plugins_manager import find_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "BaseOperator": "airflow.models.baseoperator",
        "BaseSensorOperator": "airflow.sensors.base",
        "BashOperator": "airflow.operators.bash",
        "BranchPythonOperator": "airflow.operators.python",
        "DummyOperator": "airflow.operators.dummy",
        "EmailOperator": "airflow.operators.email",
        "EmptyOperator": "airflow.operators.empty",
        "ExternalTaskSensor": "airflow.sensors.external_task",
        "GenericTransfer": "airflow.operators.generic_transfer",
        "HiveOperator": "airflow.providers.apache.hive.operators.hive",
        "HttpSensor": "airflow.providers.http.sensors.http",
        "LatestOnlyOperator": "airflow.operators.latest_only",
        "MySqlOperator": "airflow.providers.mysql.operators.mysql",
        "PostgresOperator": "airflow.providers.postgres.operators.postgres",
        "PythonOperator": "airflow.operators.python",
        "S3KeySensor": "airflow.providers.amazon.aws.sensors.s3",
        "ShortCircuitOperator": "airflow.operators.python",
        "SimpleHttpOperator": "airflow.providers.http.operators.http",
        "SqlSensor": "airflow.providers.common.sql.sensors.sql",
        "SqliteOperator": "airflow.providers.sqlite.operators.sqlite",
        "SubDagOperator": "airflow.operators.subdag",
        "TimeDeltaSensor": "airflow.sensors.time_delta",
        "TimeSensor": "airflow.sensors.time_sensor",
        "TriggerDagRunOperator": "airflow.operators.trigger_dagrun",
    },
    functools.partial(find_exports, "operators"),
)
