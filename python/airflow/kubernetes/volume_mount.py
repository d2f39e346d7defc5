"""VolumeMount of the package apache-airflow-providers-cncf-kubernetes."""

from __future__ import annotations

from airflow.providers.cncf.kubernetes.backcompat.volume_mount import VolumeMount

__all__ = ["VolumeMount"]
