"""Variables: settings that DAG files and tasks read by key."""

from __future__ import annotations

import json
from typing import Any

from airflow import _engine
from airflow.utils.log.secrets_masker import mask_secret
from airflow.utils.user_warnings import warn_user

_NO_DEFAULT: Any = object()


class Variable:
    """Access to the variables of the installation; an object is one of them.

    A variable comes from the backend that `[secrets]` configures, from `AIRFLOW_VAR_KEY` in the
    environment, or from the engine's database, in this order.
    """

    def __init__(
        self, key: str | None = None, val: Any = None, description: str | None = None
    ) -> None:
        self.key = key
        self.val = val
        self.description = description
        self.is_encrypted = False

    def get_val(self) -> Any:
        """Return the value."""
        return self.val

    def set_val(self, value: Any) -> None:
        """Replace the value of this object, not the stored one."""
        self.val = None if value is None else str(value)

    def __repr__(self) -> str:
        return f"{self.key} : ***"

    @classmethod
    def get(
        cls,
        key: str,
        default_var: Any = _NO_DEFAULT,
        deserialize_json: bool = False,
        *,
        default: Any = _NO_DEFAULT,
    ) -> Any:
        """Return the text of a variable, or its JSON value; KeyError where there is none.

        `default_var`, in Airflow 3 `default`, is returned as it is where there is none.
        """
        text = cls.get_variable_from_secrets(key)
        if text is None:
            fallback = default if default_var is _NO_DEFAULT else default_var
            if fallback is _NO_DEFAULT:
                raise KeyError(f"Variable {key} does not exist")
            return fallback
        if not deserialize_json:
            mask_secret(text, key)
            return text
        value = json.loads(text)
        mask_secret(value, key)
        return value

    @classmethod
    def set(
        cls,
        key: str,
        value: Any,
        description: str | None = None,
        serialize_json: bool = False,
        session: Any = None,
    ) -> None:
        """Store a variable, as JSON if asked for, else as text."""
        cls.check_for_write_conflict(key)
        text = json.dumps(value, indent=2) if serialize_json else str(value)
        engine = _engine.require(f"Variable.set({key!r})")
        engine.request("variable_set", key=key, value=text, description=description)

    @classmethod
    def setdefault(
        cls,
        key: str,
        default: Any,
        description: str | None = None,
        deserialize_json: bool = False,
    ) -> Any:
        """Return a variable; where there is none, store and return `default`."""
        value = cls.get(key, default_var=None, deserialize_json=deserialize_json)
        if value is not None:
            return value
        if default is None:
            raise ValueError("Default Value must be set")
        cls.set(key, default, description=description, serialize_json=deserialize_json)
        return default

    @classmethod
    def update(
        cls, key: str, value: Any, serialize_json: bool = False, session: Any = None
    ) -> None:
        """Replace the value of a stored variable; KeyError where there is none."""
        if cls.get_variable_from_secrets(key) is None:
            raise KeyError(f"Variable {key} does not exist")
        if _engine.require(f"Variable.update({key!r})").variable_get(key) is None:
            raise AttributeError(
                f"Variable {key} does not exist in the Database and cannot be updated."
            )
        cls.set(key, value, serialize_json=serialize_json)

    @classmethod
    def delete(cls, key: str, session: Any = None) -> int:
        """Delete a stored variable; return the number of variables deleted."""
        return int(_engine.require(f"Variable.delete({key!r})").request("variable_delete", key=key))

    @staticmethod
    def check_for_write_conflict(key: str) -> None:
        """Warn where another backend hides what is about to be stored."""
        from airflow.configuration import secrets_backend_list
        from airflow.secrets.metastore import MetastoreBackend

        for backend in secrets_backend_list():
            if isinstance(backend, MetastoreBackend):
                continue
            if backend.get_variable(key) is not None:
                warn_user(
                    f"The variable {key} is defined in the {type(backend).__name__} secrets "
                    "backend, which takes precedence over reading from the database. The value "
                    "in the database will be updated, but to read it you have to delete the "
                    f"conflicting variable from {type(backend).__name__}"
                )
                return

    @staticmethod
    def get_variable_from_secrets(key: str) -> str | None:
        """Return the text of a variable from the first backend that has it, or None."""
        from airflow.configuration import secrets_backend_list

        for backend in secrets_backend_list():
            value = backend.get_variable(key)
            if value is not None:
                return value
        if _engine.attached() is None:
            warn_user(
                f"Variable {key!r} is read outside of a task, where only the environment variable "
                f"AIRFLOW_VAR_{key.upper()} is looked at; read it in a task, or in a template as "
                f"{{{{ var.value.{key} }}}}"
            )
        return None
