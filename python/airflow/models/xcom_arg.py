"""XComArg: the result of a task, passed to another task while the DAG file is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.exceptions import XComNotFound
from airflow.models.taskmixin import DependencyMixin
from airflow.utils.mixins import ResolveMixin
from airflow.utils.types import NOTSET, ArgNotSet
from airflow.utils.xcom import XCOM_RETURN_KEY

if TYPE_CHECKING:
    from airflow.utils.edgemodifier import EdgeModifier


class XComArg(ResolveMixin, DependencyMixin):
    """What `operator` pushes under `key`; `arg["name"]` stands for another key.

    In a templated field it makes the task that holds it downstream of `operator`. `XComArg(...)`
    makes a `PlainXComArg`; `map`, `zip` and `concat` make the other kinds from it.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> XComArg:
        return super().__new__(PlainXComArg if cls is XComArg else cls)

    if TYPE_CHECKING:

        def __init__(self, operator: Any, key: str = XCOM_RETURN_KEY) -> None:
            ...

    @property
    def _operators(self) -> list[Any]:
        """The operators whose results this one is made of."""
        return list({id(op): op for op, _ in self.iter_references()}.values())

    @property
    def roots(self) -> Sequence[Any]:
        return self._operators

    @property
    def leaves(self) -> Sequence[Any]:
        return self._operators

    def update_relative(
        self,
        other: DependencyMixin,
        upstream: bool = True,
        edge_modifier: EdgeModifier | None = None,
    ) -> None:
        for operator in self._operators:
            operator.update_relative(other, upstream, edge_modifier)

    @staticmethod
    def iter_xcom_references(arg: Any) -> Iterator[tuple[Any, str]]:
        """Yield the (operator, key) pairs in `arg`: a reference, or whatever contains some."""
        if isinstance(arg, ResolveMixin):
            yield from arg.iter_references()
        elif isinstance(arg, (tuple, set, list)):
            for item in arg:
                yield from XComArg.iter_xcom_references(item)
        elif isinstance(arg, dict):
            for item in arg.values():
                yield from XComArg.iter_xcom_references(item)
        elif not isinstance(arg, (str, type, DependencyMixin)):
            fields = getattr(arg, "template_fields", ())
            for field in fields if isinstance(fields, Iterable) else ():
                if isinstance(field, str):
                    yield from XComArg.iter_xcom_references(getattr(arg, field, None))

    @staticmethod
    def apply_upstream_relationship(op: DependencyMixin, arg: Any) -> None:
        """Make `op` downstream of every task whose result `arg` contains."""
        for operator, _ in XComArg.iter_xcom_references(arg):
            op.set_upstream(operator)

    def map_length(self) -> dict[str, Any]:
        """Return the Length of the serialized DAG for a task that is mapped over this."""
        raise NotImplementedError

    def map(self, f: Callable[[Any], Any]) -> MapXComArg:
        """Stand for the items with `f`, a plain function, applied to each when a task gets it."""
        return MapXComArg(self, [f])

    def zip(self, *others: XComArg, fillvalue: Any = NOTSET) -> ZipXComArg:
        """Stand for tuples of the items at the same place; with `fillvalue`, up to the longest."""
        return ZipXComArg([self, *others], fillvalue)

    def concat(self, *others: XComArg) -> ConcatXComArg:
        """Stand for the items of this and those of the others after them."""
        return ConcatXComArg([self, *others])

    def as_setup(self) -> XComArg:
        """Make the tasks setup tasks and return this."""
        for operator in self._operators:
            operator.as_setup()
        return self

    def as_teardown(
        self, *, setups: Any = None, on_failure_fail_dagrun: bool | ArgNotSet = NOTSET
    ) -> XComArg:
        """Make the tasks teardown tasks and return this."""
        for operator in self._operators:
            operator.as_teardown(setups=setups, on_failure_fail_dagrun=on_failure_fail_dagrun)
        return self

    def __enter__(self) -> Any:
        from airflow.utils.setup_teardown import SetupTeardownContext

        SetupTeardownContext.enter(self._operators)
        return SetupTeardownContext

    def __exit__(self, *error: Any) -> None:
        from airflow.utils.setup_teardown import SetupTeardownContext

        SetupTeardownContext.leave()

    def __getitem__(self, key: str) -> XComArg:
        raise TypeError(f"{type(self).__name__!r} object has no items: its value is not known yet")

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(f"{type(self).__name__!r} object is not iterable")

    def __bool__(self) -> bool:
        return True


class PlainXComArg(XComArg):
    """What one operator pushes under one key."""

    def __init__(self, operator: Any, key: str = XCOM_RETURN_KEY) -> None:
        self.operator = operator
        self.key = key

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        yield self.operator, self.key

    def map_length(self) -> dict[str, Any]:
        return {"task": self.operator.task_id}

    @property
    def is_setup(self) -> bool:
        """Whether the task is a setup task."""
        return bool(self.operator.is_setup)

    @is_setup.setter
    def is_setup(self, value: bool) -> None:
        self.operator.is_setup = value

    @property
    def is_teardown(self) -> bool:
        """Whether the task is a teardown task."""
        return bool(self.operator.is_teardown)

    @is_teardown.setter
    def is_teardown(self, value: bool) -> None:
        self.operator.is_teardown = value

    @property
    def on_failure_fail_dagrun(self) -> bool:
        """Whether a failure of the teardown task fails the run."""
        return bool(self.operator.on_failure_fail_dagrun)

    @on_failure_fail_dagrun.setter
    def on_failure_fail_dagrun(self, value: bool) -> None:
        self.operator.on_failure_fail_dagrun = value

    def resolve(self, context: Mapping[str, Any], **kwargs: Any) -> Any:
        ti = context["ti"]
        found, value = ti.find_xcom(self.operator, self.key)
        # A task with several outputs that was skipped has pushed none of them.
        if found or self.key == XCOM_RETURN_KEY or self.operator.multiple_outputs:
            return value
        raise XComNotFound(ti.dag_id, self.operator.task_id, self.key)

    def __getitem__(self, key: str) -> XComArg:
        if not isinstance(key, str):
            raise ValueError(f"XComArg only supports str lookup, received {type(key).__name__}")
        return PlainXComArg(self.operator, key)

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("'XComArg' object is not iterable: its value is known only at run time")

    def concat(self, *others: XComArg) -> ConcatXComArg:
        _check_return_values(self, *others)
        return super().concat(*others)

    def zip(self, *others: XComArg, fillvalue: Any = NOTSET) -> ZipXComArg:
        _check_return_values(self, *others)
        return super().zip(*others, fillvalue=fillvalue)

    def map(self, f: Callable[[Any], Any]) -> MapXComArg:
        if self.key != XCOM_RETURN_KEY:
            raise ValueError("cannot map against non-return XCom")
        return super().map(f)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PlainXComArg):
            return NotImplemented
        return self.operator is other.operator and self.key == other.key

    def __hash__(self) -> int:
        return hash((id(self.operator), self.key))

    def __repr__(self) -> str:
        if self.key == XCOM_RETURN_KEY:
            return f"XComArg({self.operator!r})"
        return f"XComArg({self.operator!r}, {self.key!r})"

    def __str__(self) -> str:
        """Return a template that renders to the value, so that f-strings work."""
        key = "" if self.key == XCOM_RETURN_KEY else f", key='{self.key}'"
        return (
            f"{{{{ task_instance.xcom_pull(task_ids='{self.operator.task_id}', "
            f"dag_id='{self.operator.dag_id}'{key}) }}}}"
        )


class MapXComArg(XComArg):
    """Another one with functions applied to each item."""

    def __init__(self, arg: XComArg, callables: Sequence[Callable[[Any], Any]]) -> None:
        for function in callables:
            if isinstance(function, DependencyMixin) or hasattr(function, "operator_class"):
                raise TypeError("map() argument must be a plain function, not a @task operator")
        self.arg = arg
        self.callables = list(callables)

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        yield from self.arg.iter_references()

    def map_length(self) -> dict[str, Any]:
        return self.arg.map_length()

    def map(self, f: Callable[[Any], Any]) -> MapXComArg:
        return MapXComArg(self.arg, [*self.callables, f])

    def resolve(self, context: Mapping[str, Any], **kwargs: Any) -> Any:
        return _MapResult(_resolve_items(self.arg, context, "map"), self.callables)

    def __repr__(self) -> str:
        return f"{self.arg!r}.map([{len(self.callables)} functions])"


class ZipXComArg(XComArg):
    """Several ones side by side."""

    def __init__(self, args: Sequence[XComArg], fillvalue: Any = NOTSET) -> None:
        if len(args) < 2:
            raise ValueError("cannot call zip() without arguments")
        self.args = list(args)
        self.fillvalue = fillvalue

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        for arg in self.args:
            yield from arg.iter_references()

    def map_length(self) -> dict[str, Any]:
        return {
            "zip": [arg.map_length() for arg in self.args],
            "longest": not isinstance(self.fillvalue, ArgNotSet),
        }

    def resolve(self, context: Mapping[str, Any], **kwargs: Any) -> Any:
        return _ZipResult(
            [_resolve_items(arg, context, "zip") for arg in self.args], self.fillvalue
        )

    def __repr__(self) -> str:
        return f"{self.args[0]!r}.zip({', '.join(map(repr, self.args[1:]))})"


class ConcatXComArg(XComArg):
    """Several ones, one after the other."""

    def __init__(self, args: Sequence[XComArg]) -> None:
        if not args:
            raise ValueError("cannot call concat() without arguments")
        self.args = list(args)

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        for arg in self.args:
            yield from arg.iter_references()

    def map_length(self) -> dict[str, Any]:
        return {"concat": [arg.map_length() for arg in self.args]}

    def concat(self, *others: XComArg) -> ConcatXComArg:
        return ConcatXComArg([*self.args, *others])

    def resolve(self, context: Mapping[str, Any], **kwargs: Any) -> Any:
        return _ConcatResult([_resolve_items(arg, context, "concat") for arg in self.args])

    def __repr__(self) -> str:
        return f"{self.args[0]!r}.concat({', '.join(map(repr, self.args[1:]))})"


class _LazyItems(Sequence[Any]):
    """A sequence whose items are computed when they are read."""

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._item(i) for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._item(index % len(self))

    def _item(self, index: int) -> Any:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sequence) and not isinstance(other, (str, bytes)):
            return list(self) == list(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))


class _MapResult(_LazyItems):
    def __init__(self, items: Sequence[Any], callables: Sequence[Callable[[Any], Any]]) -> None:
        self._items = items
        self._callables = callables

    def __len__(self) -> int:
        return len(self._items)

    def _item(self, index: int) -> Any:
        value = self._items[index]
        for function in self._callables:
            value = function(value)
        return value


class _ZipResult(_LazyItems):
    def __init__(self, columns: Sequence[Sequence[Any]], fillvalue: Any) -> None:
        self._columns = columns
        self._fillvalue = fillvalue

    def __len__(self) -> int:
        lengths = [len(column) for column in self._columns]
        return min(lengths) if isinstance(self._fillvalue, ArgNotSet) else max(lengths)

    def _item(self, index: int) -> Any:
        return tuple(
            column[index] if index < len(column) else self._fillvalue for column in self._columns
        )


class _ConcatResult(_LazyItems):
    def __init__(self, parts: Sequence[Sequence[Any]]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def _item(self, index: int) -> Any:
        for part in self._parts:
            if index < len(part):
                return part[index]
            index -= len(part)
        raise IndexError(index)


def as_sequence(value: Any) -> Sequence[Any]:
    """Return what is mapped over as a sequence: the items of a dict are (key, value) pairs."""
    return list(value.items()) if isinstance(value, Mapping) else value


def _resolve_items(arg: XComArg, context: Mapping[str, Any], what: str) -> Sequence[Any]:
    value = arg.resolve(context)
    if isinstance(value, (str, bytes)) or not isinstance(value, (Sequence, Mapping)):
        raise ValueError(f"XCom {what} expects sequence or dict, not {type(value).__name__}")
    return as_sequence(value)


def _check_return_values(*args: XComArg) -> None:
    for arg in args:
        for _, key in arg.iter_references():
            if key != XCOM_RETURN_KEY:
                raise ValueError("cannot map against non-return XCom")
