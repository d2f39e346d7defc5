"""PodGenerator of the package apache-airflow-providers-cncf-kubernetes."""

from __future__ import annotations

from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator

__all__ = ["PodGenerator"]
