"""K8SModel of the package apache-airflow-providers-cncf-kubernetes."""

from __future__ import annotations

from airflow.providers.cncf.kubernetes.k8s_model import K8SModel

__all__ = ["K8SModel"]
