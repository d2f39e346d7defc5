"""Params: values of a DAG that a triggered run may override."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from airflow.exceptions import ParamValidationError
from airflow.models.json_schema import find_mismatch
from airflow.utils.mixins import ResolveMixin
from airflow.utils.types import NOTSET, ArgNotSet

if TYPE_CHECKING:
    from airflow.models.dag import DAG


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
        problem = find_mismatch(final, self.schema) if self.schema else None
        if problem and not suppress_exception:
            raise ParamValidationError(f"Invalid input for param: {problem}")
        self.value = final
        return final

    def dump(self) -> dict[str, Any]:
        """Return value, description and schema."""
        value = None if isinstance(self.value, ArgNotSet) else self.value
        return {"value": value, "description": self.description, "schema": self.schema}

    def serialize(self) -> dict[str, Any]:
        """Return value, description and schema."""
        return self.dump()

    def __copy__(self) -> Param:
        return _copy_param(self)

    def __repr__(self) -> str:
        return f"Param({self.value!r})"


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

    def __contains__(self, key: object) -> bool:
        return key in self._params

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ParamsDict):
            return self.dump() == other.dump()
        return self.dump() == other if isinstance(other, dict) else NotImplemented

    def __copy__(self) -> ParamsDict:
        return ParamsDict(self._params, self.suppress_exception)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take over params from a mapping, or from another ParamsDict with their schemas."""
        if len(args) == 1 and not kwargs and isinstance(args[0], ParamsDict):
            for name in args[0]:
                self[name] = args[0].get_param(name)
        else:
            super().update(*args, **kwargs)

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
