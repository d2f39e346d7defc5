"""The results of the instances of a mapped task, as one sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any


class LazyXComSequence(Sequence[Any]):
    """The values in the order of map indexes, fetched when the first of them is read."""

    def __init__(self, fetch: Callable[[], list[Any]]) -> None:
        self._fetch = fetch
        self._fetched: list[Any] | None = None

    @property
    def _values(self) -> list[Any]:
        if self._fetched is None:
            self._fetched = self._fetch()
        return self._fetched

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: Any) -> Any:
        return self._values[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (list, tuple, LazyXComSequence)):
            return self._values == list(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._values)

    def __str__(self) -> str:
        return str(self._values)
