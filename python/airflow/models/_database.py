"""Names of Airflow's database models, for files that import them.

Tasks have no access to the metadata database here, so a query fails when it is made, with a message
that says so. Columns can be named and compared, because files do that while they are imported.
"""

from __future__ import annotations

from typing import Any

ADVICE = (
    "tasks have no access to the metadata database under Beeflow; use Variable, Connection, XCom "
    "and the context in tasks, and the CLI or REST API for the rest"
)


class Column:
    """A column of a table, in an expression that will never be evaluated."""

    def __init__(self, name: str) -> None:
        self.name = self.key = name

    def _combine(self, *_: Any, **__: Any) -> Column:
        return self

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _combine  # type: ignore[assignment]
    __and__ = __or__ = __invert__ = __getitem__ = _combine
    in_ = notin_ = not_in = is_ = is_not = isnot = like = ilike = between = _combine
    asc = desc = label = cast = contains = startswith = endswith = distinct = _combine

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Column({self.name})"


class ColumnsType(type):
    """Offers columns under names that mean something else on the objects of the class.

    Files name them when they are imported: `DagRun.external_trigger.is_(False)`.
    """

    _column_names: frozenset[str] = frozenset()

    def __getattribute__(cls, name: str) -> Any:
        if name in type.__getattribute__(cls, "_column_names"):
            return Column(f"{cls.__name__}.{name}")
        return super().__getattribute__(name)


def offer_columns(model: Any, names: str) -> None:
    """Let `model`, a class of ColumnsType, have these columns; a dataclass once it is made."""
    model._column_names = frozenset(names.split())


class DatabaseModelType(type):
    """Offers a column for every name that a model class does not define itself."""

    def __getattr__(cls, name: str) -> Column:
        if name.startswith("__"):
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        return Column(f"{cls.__name__}.{name}")


class DatabaseModel(metaclass=DatabaseModelType):
    """Base class of the models; an object has the fields that it is made with.

    Rows of a model that is not kept may be added and deleted, without effect.
    """

    is_kept = True

    def __init__(self, **fields: Any) -> None:
        vars(self).update(fields)
