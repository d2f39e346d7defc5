"""Datasets: data that tasks update, and whose updates run DAGs. Airflow 3 calls them assets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from airflow.exceptions import AirflowException
from airflow.utils.user_warnings import warn_user

__all__ = [
    "Asset",
    "AssetAlias",
    "AssetAll",
    "AssetAny",
    "BaseAsset",
    "BaseDataset",
    "Dataset",
    "DatasetAlias",
    "DatasetAll",
    "DatasetAny",
    "coerce_condition",
    "expand_alias_to_datasets",
]

MAX_URI_LENGTH = 3000


def sanitize_uri(uri: str) -> str:
    """Return `uri` in its normal form; ValueError where it cannot name a dataset.

    Scheme in lower case, no login and password, no fragment, no trailing slash, a sorted query.
    Texts without a scheme, and those with a scheme of their own (`x-…`), stay as they are.
    """
    if not uri:
        raise ValueError("Dataset URI cannot be empty")
    if uri.isspace():
        raise ValueError("Dataset URI cannot be just whitespace")
    if not uri.isascii():
        raise ValueError("Dataset URI must only consist of ASCII characters")
    if len(uri) > MAX_URI_LENGTH:
        raise ValueError(f"Dataset URI must not be longer than {MAX_URI_LENGTH} characters")
    parts = urlsplit(uri)
    scheme = parts.scheme.lower()
    if (not scheme and not parts.netloc) or scheme.startswith("x-"):
        return uri
    if scheme == "airflow":
        raise ValueError("Dataset scheme 'airflow' is reserved")
    _, credentials, host = parts.netloc.rpartition("@")
    if credentials:
        warn_user(
            "A dataset URI should not contain auth info (e.g. username or password). It has been "
            "automatically dropped."
        )
    return parts._replace(
        scheme=scheme,
        netloc=host,
        path=parts.path.rstrip("/") or "/",
        query=urlencode(sorted(parse_qsl(parts.query))),
        fragment="",
    ).geturl()


class BaseDataset:
    """What can stand in `schedule`: a dataset, an alias, or a condition of some."""

    def __or__(self, other: BaseDataset) -> BaseDataset:
        if not isinstance(other, BaseDataset):
            return NotImplemented
        return DatasetAny(self, other)

    def __and__(self, other: BaseDataset) -> BaseDataset:
        if not isinstance(other, BaseDataset):
            return NotImplemented
        return DatasetAll(self, other)

    def to_condition(self) -> dict[str, Any]:
        """Return the condition as the serialized DAG has it."""
        raise NotImplementedError

    def as_expression(self) -> Any:
        """Return the condition as Airflow's UI shows it."""
        return self.to_condition()

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        """Tell whether the condition holds, given which URIs have been updated."""
        raise NotImplementedError

    def iter_datasets(self) -> Iterator[tuple[str, Dataset]]:
        """Yield each dataset once, with its URI."""
        raise NotImplementedError

    def iter_assets(self) -> Iterator[tuple[str, Dataset]]:
        """Yield each dataset once, with its URI."""
        return self.iter_datasets()

    def iter_dataset_aliases(self) -> Iterator[tuple[str, DatasetAlias]]:
        """Yield each alias once, with its name."""
        return iter(())


class Dataset(os.PathLike, BaseDataset):  # type: ignore[type-arg]
    """Some data, named by a URI; `extra` is kept with it."""

    __version__: ClassVar[int] = 1
    asset_type: ClassVar[str] = "asset"

    def __init__(self, uri: str, extra: dict[str, Any] | None = None) -> None:
        if not isinstance(uri, str):
            raise TypeError(f"the URI of a dataset must be a text, not {uri!r}")
        self.uri = sanitize_uri(uri)
        self.name = uri
        self.group = "asset"
        self.extra = extra
        self.watchers: list[Any] = []

    @property
    def normalized_uri(self) -> str:
        """The URI in its normal form."""
        return self.uri

    def __fspath__(self) -> str:
        return self.uri

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dataset):
            return NotImplemented
        return self.uri == other.uri

    def __hash__(self) -> int:
        return hash(self.uri)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(uri={self.uri!r}, extra={self.extra!r})"

    def to_condition(self) -> dict[str, Any]:
        return {"uri": self.uri}

    def as_expression(self) -> Any:
        return self.uri

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        return statuses.get(self.uri, False)

    def iter_datasets(self) -> Iterator[tuple[str, Dataset]]:
        yield self.uri, self


class Asset(Dataset):
    """A dataset with a name; where only one of name and URI is given it serves as both."""

    def __init__(
        self,
        name: str | None = None,
        uri: str | os.PathLike[str] | None = None,
        *,
        group: str = "asset",
        extra: dict[str, Any] | None = None,
        watchers: Iterable[Any] = (),
    ) -> None:
        if name is None and uri is None:
            raise TypeError("Asset() requires either 'name' or 'uri'")
        address = os.fspath(uri) if uri is not None else str(name)
        super().__init__(address, extra)
        self.name = name if name is not None else address
        self.group = group
        self.watchers = list(watchers)

    @classmethod
    def ref(cls, *, name: str | None = None, uri: str | None = None) -> Asset:
        """Return the asset that has this name or URI."""
        return cls(name=name, uri=uri)


class DatasetAlias(BaseDataset):
    """A name under which a task says at run time which datasets it has updated."""

    def __init__(self, name: str, group: str = "asset") -> None:
        if not name:
            raise ValueError("the name of a dataset alias must not be empty")
        self.name = name
        self.group = group

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DatasetAlias):
            return NotImplemented
        return self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"

    def to_condition(self) -> dict[str, Any]:
        return {"alias": self.name}

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        return False

    def iter_datasets(self) -> Iterator[tuple[str, Dataset]]:
        return iter(())

    def iter_dataset_aliases(self) -> Iterator[tuple[str, DatasetAlias]]:
        yield self.name, self


class _Condition(BaseDataset):
    """Datasets, aliases and conditions, joined by `any` or `all`."""

    _word: ClassVar[str]

    def __init__(self, *objects: BaseDataset) -> None:
        for item in objects:
            if not isinstance(item, BaseDataset):
                raise TypeError(f"expect dataset expressions in condition, not {item!r}")
        self.objects = [part for item in objects for part in self._flatten(item)]

    def _flatten(self, item: BaseDataset) -> list[BaseDataset]:
        return item.objects if isinstance(item, _Condition) and item._word == self._word else [item]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Condition):
            return NotImplemented
        return self.to_condition() == other.to_condition()

    def __hash__(self) -> int:
        return hash((self._word, tuple(self.objects)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.objects))})"

    def to_condition(self) -> dict[str, Any]:
        return {self._word: [item.to_condition() for item in self.objects]}

    def as_expression(self) -> Any:
        return {self._word: [item.as_expression() for item in self.objects]}

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        join = any if self._word == "any" else all
        return join(item.evaluate(statuses) for item in self.objects)

    def iter_datasets(self) -> Iterator[tuple[str, Dataset]]:
        yield from {
            uri: dataset for item in self.objects for uri, dataset in item.iter_datasets()
        }.items()

    def iter_dataset_aliases(self) -> Iterator[tuple[str, DatasetAlias]]:
        yield from {
            name: alias for item in self.objects for name, alias in item.iter_dataset_aliases()
        }.items()


class DatasetAny(_Condition):
    """Holds when any of its datasets has been updated; also written `a | b`."""

    _word = "any"


class DatasetAll(_Condition):
    """Holds when all of its datasets have been updated; also written `a & b`."""

    _word = "all"


AssetAlias = DatasetAlias
AssetAll = DatasetAll
AssetAny = DatasetAny
BaseAsset = BaseDataset


def coerce_condition(value: Any, strict: bool = True) -> BaseDataset | None:
    """Return a dataset, a condition or a collection of them (all of them) as one condition.

    Of anything else None is returned; with `strict` it is an error.
    """
    if isinstance(value, BaseDataset):
        return value
    items = list(value) if isinstance(value, (list, tuple, set)) else []
    if items and all(isinstance(item, BaseDataset) for item in items):
        return DatasetAll(*items)
    if strict:
        raise ValueError(
            f"all elements of a dataset schedule must be Dataset or DatasetAlias; got {value!r}"
        )
    return None


def expand_alias_to_datasets(alias: str | DatasetAlias, **_: Any) -> list[Any]:
    """Refuse: which datasets an alias stands for, only the engine knows."""
    name = alias.name if isinstance(alias, DatasetAlias) else alias
    raise AirflowException(
        f"a task cannot list the datasets of the alias {name!r}; see the API of the server"
    )


# The name under which Airflow 2.10 has it.
_sanitize_uri = sanitize_uri
