"""`@task.sensor`: a function that is called until it returns something true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.decorators.base import PythonCallingOperator, make_decorator
from airflow.sensors.python import PythonSensor


class DecoratedSensorOperator(PythonCallingOperator, PythonSensor):
    """Waits until a decorated function returns something true, or a done `PokeReturnValue`."""

    template_fields = PythonSensor.template_fields
    custom_operator_name = "@task.sensor"


def sensor_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Turn a function into a sensor; keyword arguments are those of PythonSensor."""
    return make_decorator(DecoratedSensorOperator, python_callable, False, kwargs)
