"""The former place of KubernetesPodOperator."""

from __future__ import annotations

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

__all__ = ["KubernetesPodOperator"]
