"""Sensors: tasks that wait for something. Their names are here too, as in Airflow 1."""

from __future__ import annotations

import functools

from airflow._lazy import lazy_exports
from airflow.plugins_manager import find_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "BaseSensorOperator": "airflow.sensors.base",
        "BashSensor": "airflow.sensors.bash",
        "DateTimeSensor": "airflow.sensors.date_time",
        "DayOfWeekSensor": "airflow.sensors.weekday",
        "ExternalTaskMarker": "airflow.sensors.external_task",
        "ExternalTaskSensor": "airflow.sensors.external_task",
        "FileSensor": "airflow.sensors.filesystem",
        "HdfsSensor": "airflow.providers.apache.hdfs.sensors.hdfs",
        "HivePartitionSensor": "airflow.providers.apache.hive.sensors.hive_partition",
        "HttpSensor": "airflow.providers.http.sensors.http",
        "MetastorePartitionSensor": "airflow.providers.apache.hive.sensors.metastore_partition",
        "NamedHivePartitionSensor": "airflow.providers.apache.hive.sensors.named_hive_partition",
        "PythonSensor": "airflow.sensors.python",
        "S3KeySensor": "airflow.providers.amazon.aws.sensors.s3",
        "SqlSensor": "airflow.providers.common.sql.sensors.sql",
        "TimeDeltaSensor": "airflow.sensors.time_delta",
        "TimeSensor": "airflow.sensors.time_sensor",
        "WebHdfsSensor": "airflow.providers.apache.hdfs.sensors.web_hdfs",
    },
    functools.partial(find_exports, "sensors"),
)
