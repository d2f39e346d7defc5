"""Secret of the package apache-airflow-providers-cncf-kubernetes."""

from __future__ import annotations

from airflow.providers.cncf.kubernetes.secret import Secret

__all__ = ["Secret"]
