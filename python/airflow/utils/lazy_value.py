"""A stand-in that looks its value up when it is first used for anything."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any


class LazyValue:
    """Behaves as the value that `compute` returns, even towards `isinstance`.

    A function with `**kwargs` is passed the whole context; the variables that cost a request to
    the engine are passed as these. Only `is None` sees the difference, as under Airflow.
    """

    __slots__ = ("_compute", "_known")

    def __init__(self, compute: Callable[[], Any]) -> None:
        object.__setattr__(self, "_compute", compute)
        object.__setattr__(self, "_known", [])

    def __getattr__(self, name: str) -> Any:
        return getattr(_value(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_value(self), name, value)

    @property
    def __class__(self) -> Any:
        return type(_value(self))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _value(self)(*args, **kwargs)


def _value(lazy: Any) -> Any:
    known = object.__getattribute__(lazy, "_known")
    if not known:
        known.append(object.__getattribute__(lazy, "_compute")())
    return known[0]


def _forward(function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any) -> Any:
        plain = [_value(arg) if type(arg) is LazyValue else arg for arg in args]
        return function(_value(self), *plain)

    return method


def _reflect(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return _forward(lambda value, other: function(other, value))


for _name, _function in {
    "__str__": str,
    "__repr__": repr,
    "__format__": format,
    "__bool__": bool,
    "__hash__": hash,
    "__len__": len,
    "__iter__": iter,
    "__contains__": operator.contains,
    "__getitem__": operator.getitem,
    "__setitem__": operator.setitem,
    "__eq__": operator.eq,
    "__ne__": operator.ne,
    "__lt__": operator.lt,
    "__le__": operator.le,
    "__gt__": operator.gt,
    "__ge__": operator.ge,
    "__add__": operator.add,
    "__sub__": operator.sub,
}.items():
    setattr(LazyValue, _name, _forward(_function))
LazyValue.__radd__ = _reflect(operator.add)  # type: ignore[attr-defined]
LazyValue.__rsub__ = _reflect(operator.sub)  # type: ignore[attr-defined]
