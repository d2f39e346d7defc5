"""`@task.kubernetes`: a function that runs in an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from airflow.decorators._container import ContainerDecoratedOperator
from airflow.decorators.base import make_decorator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator


class _KubernetesDecoratedOperator(ContainerDecoratedOperator, KubernetesPodOperator):
    """Runs a decorated function in a container."""

    template_fields: Sequence[str] = (
        "op_args",
        "op_kwargs",
        *KubernetesPodOperator.template_fields,
    )
    custom_operator_name = "@task.kubernetes"

    def __init__(self, *, do_xcom_push: bool = True, **kwargs: Any) -> None:
        super().__init__(do_xcom_push=do_xcom_push, **kwargs)


def kubernetes_task(
    python_callable: Callable[..., Any] | None = None,
    multiple_outputs: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Turn a function into a task; keyword arguments are those of KubernetesPodOperator."""
    return make_decorator(_KubernetesDecoratedOperator, python_callable, multiple_outputs, kwargs)
