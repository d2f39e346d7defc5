"""TaskFlow: functions as tasks, task groups and DAGs."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from airflow.decorators.base import TaskDecorator
from airflow.decorators.python import python_task
from airflow.decorators.setup_teardown import setup_task, teardown_task
from airflow.decorators.task_group import task_group
from airflow.models.dag import dag

__all__ = [
    "TaskDecorator",
    "TaskDecoratorCollection",
    "dag",
    "setup",
    "task",
    "task_group",
    "teardown",
]

# Imported when a DAG file first uses them.
_VARIANTS = {
    "bash": "airflow.decorators.bash.bash_task",
    "branch": "airflow.decorators.branch_python.branch_task",
    "branch_external_python": (
        "airflow.decorators.branch_external_python.branch_external_python_task"
    ),
    "branch_virtualenv": "airflow.decorators.branch_virtualenv.branch_virtualenv_task",
    "external_python": "airflow.decorators.external_python.external_python_task",
    "run_if": "airflow.decorators.condition.run_if",
    "sensor": "airflow.decorators.sensor.sensor_task",
    "short_circuit": "airflow.decorators.short_circuit.short_circuit_task",
    "skip_if": "airflow.decorators.condition.skip_if",
    "virtualenv": "airflow.decorators.python_virtualenv.virtualenv_task",
}
# Those of provider packages, with the package that has each.
_FROM_PROVIDERS = {
    "docker": ("airflow.providers.docker.decorators.docker.docker_task", "docker"),
    "kubernetes": (
        "airflow.providers.cncf.kubernetes.decorators.kubernetes.kubernetes_task",
        "cncf-kubernetes",
    ),
    "kubernetes_cmd": (
        "airflow.providers.cncf.kubernetes.decorators.kubernetes_cmd.kubernetes_cmd_task",
        "cncf-kubernetes",
    ),
    "pyspark": ("airflow.providers.apache.spark.decorators.pyspark.pyspark_task", "apache-spark"),
    "snowpark": ("airflow.providers.snowflake.decorators.snowpark.snowpark_task", "snowflake"),
}


class TaskDecoratorCollection:
    """`@task`, and its variants as attributes: `@task.branch`, `@task.bash`, ..."""

    python = staticmethod(python_task)

    def __call__(self, python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
        return python_task(python_callable, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _VARIANTS:
            decorator = _load(_VARIANTS[name])
        elif name in _FROM_PROVIDERS:
            decorator = _load_from_provider(name)
        else:
            decorator = _find_registered(name)
        vars(self)[name] = decorator
        return decorator


def _load(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def _load_from_provider(name: str) -> Any:
    path, package = _FROM_PROVIDERS[name]
    try:
        return _load(path)
    except ImportError as error:
        # Not an AttributeError: that would read as a misspelling.
        raise ImportError(
            f"@task.{name} needs the package apache-airflow-providers-{package}; install it "
            f"beside Beeflow ({error})"
        ) from None


def _find_registered(name: str) -> Any:
    """Return a decorator that an installed provider package announces."""
    from airflow.providers_manager import find_task_decorator

    path = find_task_decorator(name)
    if path is None:
        raise AttributeError(f"task decorator {name!r} not found")
    return _load(path)


task = TaskDecoratorCollection()
setup = setup_task
teardown = teardown_task
