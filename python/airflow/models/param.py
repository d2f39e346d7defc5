"""Params: values of a DAG that a triggered run may override."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from airflow.exceptions import ParamValidationError
from airflow.utils.mixins import ResolveMixin
from airflow.utils.types import NOTSET, ArgNotSet

if TYPE_CHECKING:
    from airflow.models.dag import DAG

_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
    "null": (type(None),),
}


class Param:
    """A default value with a JSON Schema that overriding values must match."""

    def __init__(self, default: Any = NOTSET, description: str | None = None, **schema: Any):
        self.value = default
        self.description = description
        self.schema: dict[str, Any] = schema.pop("schema", schema)

    @property
    def has_value(self) -> bool:
        """Whether there is a value: a default of None counts only if the schema allows null."""
        return not isinstance(self.value, ArgNotSet) and (
            self.value is not None or _allows_null(self.schema)
        )

    def resolve(self, value: Any = NOTSET, suppress_exception: bool = False) -> Any:
        """Return the value after checking it; `value` replaces the default."""
        final = self.value if isinstance(value, ArgNotSet) else value
        if isinstance(final, ArgNotSet):
            if suppress_exception:
                return None
            raise ParamValidationError("No value passed and Param has no default value")
        problem = _find_mismatch(final, self.schema)
        if problem and not suppress_exception:
            raise ParamValidationError(f"Invalid input for param: {problem}")
        self.value = final
        return final

    def dump(self) -> dict[str, Any]:
        """Return value, description and schema."""
        value = None if isinstance(self.value, ArgNotSet) else self.value
        return {"value": value, "description": self.description, "schema": self.schema}


class ParamsDict(MutableMapping[str, Any]):
    """Params by name; reading one gives its checked value."""

    def __init__(self, params: Mapping[str, Any] | None = None, suppress_exception: bool = False):
        self.suppress_exception = suppress_exception
        self._params: dict[str, Param] = {
            name: value if isinstance(value, Param) else Param(value)
            for name, value in (params or {}).items()
        }

    def __getitem__(self, key: str) -> Any:
        return self._params[key].resolve(suppress_exception=self.suppress_exception)

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, Param):
            self._params[key] = value
        elif key in self._params:
            self._params[key].resolve(value, self.suppress_exception)
        else:
            self._params[key] = Param(value)

    def __delitem__(self, key: str) -> None:
        del self._params[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def __repr__(self) -> str:
        return repr(self.dump())

    def get_param(self, key: str) -> Param:
        """Return the `Param` itself."""
        return self._params[key]

    def dump(self) -> dict[str, Any]:
        """Return the values by name, unchecked."""
        return {name: param.dump()["value"] for name, param in self._params.items()}

    def validate(self) -> dict[str, Any]:
        """Return the values by name after checking each."""
        values = {}
        for name, param in self._params.items():
            try:
                values[name] = param.resolve(suppress_exception=self.suppress_exception)
            except ParamValidationError as error:
                raise ParamValidationError(f"param {name!r}: {error}") from None
        return values

    def deep_copy(self) -> ParamsDict:
        """Return a copy whose values can be overridden without changing this one."""
        return ParamsDict(
            {n: _copy_param(p) for n, p in self._params.items()}, self.suppress_exception
        )


class DagParam(ResolveMixin):
    """`dag.param("name")`: the value of a param in the current run."""

    def __init__(self, current_dag: DAG, name: str, default: Any = NOTSET) -> None:
        if not isinstance(default, ArgNotSet):
            current_dag.params[name] = default
        self._name = name
        self._default = default

    def iter_references(self) -> Iterable[tuple[Any, str]]:
        return ()

    def resolve(self, context: Mapping[str, Any]) -> Any:
        conf = context["dag_run"].conf
        if self._name in conf:
            return conf[self._name]
        if not isinstance(self._default, ArgNotSet):
            return self._default
        if self._name in context["params"]:
            return context["params"][self._name]
        raise ParamValidationError(f"No value could be resolved for parameter {self._name}")


def _copy_param(param: Param) -> Param:
    copy = Param(param.value, param.description)
    copy.schema = param.schema
    return copy


def _allows_null(schema: Mapping[str, Any]) -> bool:
    allowed = schema.get("type")
    return allowed is None or allowed == "null" or (isinstance(allowed, list) and "null" in allowed)


def _find_mismatch(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Return how `value` breaks the schema, or None. Knows the keywords that DAG files use."""
    allowed = schema.get("type")
    if allowed is not None and not _has_type(value, allowed):
        return f"{value!r} is not of type {allowed!r}"
    if "const" in schema and value != schema["const"]:
        return f"{value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{value!r} is not one of {schema['enum']!r}"
    if isinstance(value, str):
        return _find_text_mismatch(value, schema)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _find_number_mismatch(value, schema)
    return None


def _has_type(value: Any, allowed: str | list[str]) -> bool:
    for name in [allowed] if isinstance(allowed, str) else allowed:
        if isinstance(value, bool) and name in ("integer", "number"):
            continue
        if isinstance(value, _JSON_TYPES.get(name, ())):
            return True
    return False


def _find_text_mismatch(value: str, schema: Mapping[str, Any]) -> str | None:
    if len(value) < schema.get("minLength", 0):
        return f"{value!r} is shorter than {schema['minLength']} characters"
    if "maxLength" in schema and len(value) > schema["maxLength"]:
        return f"{value!r} is longer than {schema['maxLength']} characters"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return f"{value!r} does not match {schema['pattern']!r}"
    return None


def _find_number_mismatch(value: float, schema: Mapping[str, Any]) -> str | None:
    if "minimum" in schema and value < schema["minimum"]:
        return f"{value!r} is less than the minimum of {schema['minimum']!r}"
    if "maximum" in schema and value > schema["maximum"]:
        return f"{value!r} is greater than the maximum of {schema['maximum']!r}"
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        return f"{value!r} is not greater than {schema['exclusiveMinimum']!r}"
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        return f"{value!r} is not less than {schema['exclusiveMaximum']!r}"
    return None
