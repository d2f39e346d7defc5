"""Sensors: tasks that wait for something. Their names are here too, as in Airflow 1."""

from __future__ import annotations

from airflow._lazy import lazy_exports

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
        "HttpSensor": "airflow.providers.http.sensors.http",
        "PythonSensor": "airflow.sensors.python",
        "S3KeySensor": "airflow.providers.amazon.aws.sensors.s3",
        "SqlSensor": "airflow.providers.common.sql.sensors.sql",
        "TimeDeltaSensor": "airflow.sensors.time_delta",
        "TimeSensor": "airflow.sensors.time_sensor",
    },
)
