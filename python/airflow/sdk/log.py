"""The masker of secrets, under its path in Airflow 3."""

from __future__ import annotations

from airflow.utils.log.secrets_masker import mask_secret, redact

__all__ = ["mask_secret", "redact"]
