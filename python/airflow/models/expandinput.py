"""What a mapped task or task group is expanded over, and its value at one map index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from airflow.exceptions import AirflowException
from airflow.models.xcom_arg import XComArg, as_sequence
from airflow.utils.mixins import ResolveMixin
from airflow.utils.xcom import XCOM_RETURN_KEY

Length = dict[str, Any]


class NotFullyPopulated(RuntimeError):  # noqa: N818 - Airflow's name
    """The length of the expansion is known only at run time."""

    def __init__(self, missing: set[str]) -> None:
        super().__init__(f"Failed to populate all mapping metadata; missing: {sorted(missing)}")
        self.missing = missing


class MappedArgument(ResolveMixin):
    """An argument of a mapped task group: another value for each map index."""

    def __init__(self, expand_input: ExpandInput, key: str) -> None:
        self._input = expand_input
        self._key = key

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        yield from self._input.iter_references()

    def resolve(self, context: Mapping[str, Any], **kwargs: Any) -> Any:
        values, _ = self._input.resolve(context)
        return values[self._key]


class ExpandInput:
    """Base class of what `expand` and `expand_kwargs` are given."""

    value: Any

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """Yield the (operator, key) pairs whose results the expansion needs."""
        yield from XComArg.iter_xcom_references(self.value)

    def iter_length_references(self) -> Iterator[tuple[Any, str]]:
        """Yield the (operator, key) pairs whose results the number of instances depends on."""
        raise NotImplementedError

    def lengths(self) -> list[Length]:
        """Return the `map` field of the serialized DAG."""
        raise NotImplementedError

    def resolve(self, context: Mapping[str, Any]) -> tuple[dict[str, Any], set[int]]:
        """Return the arguments at the map index of the context.

        Also the ids of those that came from other tasks: they are final, and never rendered.
        """
        raise NotImplementedError

    def total(self, context: Mapping[str, Any]) -> int:
        """Return the number of instances."""
        raise NotImplementedError


class DictOfListsExpandInput(ExpandInput):
    """`expand(x=[...], y=[...])`: the product, in which the last argument varies fastest."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        for item in value.values():
            check_mapped_over(item)
        self.value = dict(value)

    def iter_length_references(self) -> Iterator[tuple[Any, str]]:
        for item in self.value.values():
            if isinstance(item, XComArg):
                yield from item.iter_references()

    def lengths(self) -> list[Length]:
        return [_length_of(item) for item in self.value.values()]

    def resolve(self, context: Mapping[str, Any]) -> tuple[dict[str, Any], set[int]]:
        rest = context["ti"].map_index
        if rest < 0:
            raise AirflowException(f"{context['ti']} is mapped, but has no map index")
        sequences = self._sequences(context)
        values: dict[str, Any] = {}
        final: set[int] = set()
        for key in reversed(self.value):
            sequence = sequences[key]
            if not len(sequence):
                raise IndexError(f"there is nothing to map over for argument {key!r}")
            rest, index = divmod(rest, len(sequence))
            values[key] = sequence[index]
            if isinstance(self.value[key], XComArg):
                final.add(id(values[key]))
        if rest:
            raise IndexError(
                f"map index {context['ti'].map_index} is beyond the values that are mapped over"
            )
        return {key: values[key] for key in self.value}, final

    def total(self, context: Mapping[str, Any]) -> int:
        product = 1
        for sequence in self._sequences(context).values():
            product *= len(sequence)
        return product

    def _sequences(self, context: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
        return {key: _resolve_sequence(item, context, key) for key, item in self.value.items()}


class ListOfDictsExpandInput(ExpandInput):
    """`expand_kwargs([{...}, {...}])`: one set of arguments for each instance."""

    def __init__(self, value: XComArg | Sequence[Any]) -> None:
        if isinstance(value, str) or not isinstance(value, (XComArg, Sequence)):
            raise TypeError(f"expected XComArg or list[dict], not {type(value).__name__}")
        for item in () if isinstance(value, XComArg) else value:
            if not isinstance(item, (XComArg, Mapping)):
                raise TypeError(f"expected XComArg or list[dict], not list[{type(item).__name__}]")
        if isinstance(value, XComArg):
            check_mapped_over(value)
        self.value = value

    def iter_length_references(self) -> Iterator[tuple[Any, str]]:
        if isinstance(self.value, XComArg):
            yield from self.value.iter_references()

    def lengths(self) -> list[Length]:
        return [_length_of(self.value)]

    def resolve(self, context: Mapping[str, Any]) -> tuple[dict[str, Any], set[int]]:
        index = context["ti"].map_index
        if index < 0:
            raise AirflowException(f"{context['ti']} is mapped, but has no map index")
        mapping: Any = _resolve_sequence(self.value, context, "expand_kwargs()")[index]
        from_task = isinstance(self.value, XComArg)
        if isinstance(mapping, XComArg):
            mapping, from_task = mapping.resolve(context), True
        if not isinstance(mapping, Mapping):
            raise ValueError(f"expand_kwargs() expects a list[dict], not list[{_name(mapping)}]")
        final: set[int] = set()
        values: dict[str, Any] = {}
        for key, item in mapping.items():
            if not isinstance(key, str):
                raise ValueError(
                    "expand_kwargs() input dict keys must all be str, but "
                    f"{key!r} is of type {_name(key)}"
                )
            values[key] = item.resolve(context) if isinstance(item, XComArg) else item
            if from_task or isinstance(item, XComArg):
                final.add(id(values[key]))
        return values, final

    def total(self, context: Mapping[str, Any]) -> int:
        return len(_resolve_sequence(self.value, context, "expand_kwargs()"))


EXPAND_INPUT_EMPTY = DictOfListsExpandInput({})


def is_mappable(value: Any) -> bool:
    """Tell whether a literal or the result of a task can be mapped over."""
    return isinstance(value, (Mapping, Sequence)) and not isinstance(value, (str, bytes))


def check_mapped_over(value: Any) -> None:
    """Raise ValueError where a custom XCom key would decide the number of instances."""
    if not isinstance(value, XComArg):
        return
    for operator, key in value.iter_references():
        if key != XCOM_RETURN_KEY:
            raise ValueError(f"cannot map over XCom with custom key {key!r} from {operator}")


def _length_of(value: Any) -> Length:
    return value.map_length() if isinstance(value, XComArg) else {"literal": len(value)}


def _resolve_sequence(value: Any, context: Mapping[str, Any], key: str) -> Sequence[Any]:
    if not isinstance(value, ResolveMixin):
        return as_sequence(value)
    resolved = value.resolve(context)
    if resolved is None or not is_mappable(resolved):
        raise ValueError(f"cannot map over {key}: it is {_name(resolved)}, not a list or dict")
    return as_sequence(resolved)


def _name(value: Any) -> str:
    return type(value).__name__
