"""Variables: settings that DAG files and tasks read by key."""

from __future__ import annotations

import json
import os
from typing import Any

from airflow import _engine
from airflow.utils.user_warnings import warn_user

_NO_DEFAULT: Any = object()


class Variable:
    """Access to the variables of the installation.

    `AIRFLOW_VAR_KEY` in the environment comes first, then the engine's database.
    """

    @classmethod
    def get(cls, key: str, default_var: Any = _NO_DEFAULT, deserialize_json: bool = False) -> Any:
        """Return the text of a variable, or its JSON value; KeyError where there is none."""
        value = cls._lookup(key)
        if value is None:
            if default_var is _NO_DEFAULT:
                raise KeyError(f"Variable {key} does not exist")
            return default_var
        return json.loads(value) if deserialize_json else value

    @staticmethod
    def _lookup(key: str) -> str | None:
        value = os.environ.get(f"AIRFLOW_VAR_{key.upper()}")
        if value is not None:
            return value
        engine = _engine.attached()
        if engine is None:
            warn_user(
                f"Variable {key!r} is read outside of a task, where only the environment variable "
                f"AIRFLOW_VAR_{key.upper()} is looked at; read it in a task, or in a template as "
                f"{{{{ var.value.{key} }}}}"
            )
            return None
        return engine.variable_get(key)
