"""ObjectStoragePath: paths in the manner of pathlib, for local files.

Paths of other stores (`s3://`, `gs://`, …) can be named, joined and passed on, so that a DAG file
with one imports; reading or writing needs packages that this file cannot bring, and the error
names them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from airflow.exceptions import AirflowOptionalProviderFeatureException

_LOCAL = ("", "file", "local")
_PACKAGES = {
    "abfs": "apache-airflow-providers-microsoft-azure",
    "abfss": "apache-airflow-providers-microsoft-azure",
    "adl": "apache-airflow-providers-microsoft-azure",
    "gcs": "apache-airflow-providers-google",
    "gs": "apache-airflow-providers-google",
    "hdfs": "apache-airflow-providers-apache-hdfs",
    "s3": "apache-airflow-providers-amazon[s3fs]",
    "s3a": "apache-airflow-providers-amazon[s3fs]",
}


class ObjectStoragePath:
    """A path: `ObjectStoragePath("file:///data") / "2024" / "part.csv"`.

    The properties and methods are those of `pathlib.Path`; to them come `copy`, `move`, `checksum`
    and the like, which also work between stores.
    """

    __version__ = 1
    sep = "/"
    root_marker = "/"

    def __init__(
        self, *args: Any, scheme: str | None = None, conn_id: str | None = None, **_: Any
    ) -> None:
        first, rest = (_as_text(args[0]) if args else ".", args[1:])
        self.conn_id = conn_id
        if "://" in first:
            parts = urlsplit(first)
            scheme = scheme or parts.scheme
            credentials, _, host = parts.netloc.rpartition("@")
            self.conn_id = conn_id or credentials or None
            first = unquote(parts.path) if scheme in _LOCAL else f"/{host}{parts.path}"
        self.protocol = scheme or "file"
        self._has_scheme = scheme is not None
        self._pure = PurePosixPath(first, *map(os.fspath, rest))

    @property
    def _local(self) -> Path:
        """The path in the file system; an error that names the package where it is not there."""
        if self.protocol in _LOCAL:
            return Path(self._pure)
        raise AirflowOptionalProviderFeatureException(
            f"storage {self.protocol}:// of the path {str(self)!r} is not built in; install "
            f"{_PACKAGES.get(self.protocol, 'the provider package that offers it')} and use "
            "its hook, or a local path (file://)"
        )

    def _with(self, path: PurePath) -> ObjectStoragePath:
        return ObjectStoragePath(self._address(path), conn_id=self.conn_id)

    def _address(self, path: PurePath) -> str:
        text = path.as_posix()
        if not self._has_scheme:
            return text
        return f"{self.protocol}://{text if self.protocol in _LOCAL else text.lstrip('/')}"

    def __truediv__(self, other: Any) -> ObjectStoragePath:
        return self._with(self._pure / os.fspath(other))

    def __fspath__(self) -> str:
        return os.fspath(self._local)

    def __str__(self) -> str:
        return self._address(self._pure)

    def __repr__(self) -> str:
        return f"ObjectStoragePath({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ObjectStoragePath):
            return False
        return self.samestore(other) and self._pure == other._pure

    def __lt__(self, other: ObjectStoragePath) -> bool:
        return self._pure < other._pure

    def __hash__(self) -> int:
        return hash(self._pure)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the local path: its questions, and its ways to read and write."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._pure if hasattr(PurePath, name) else self._local, name)

    @property
    def path(self) -> str:
        """The path without the scheme."""
        text = self._pure.as_posix()
        return text if self.protocol in _LOCAL else text.lstrip("/")

    @property
    def key(self) -> str:
        """The path below the bucket; of a local file, the whole path."""
        return self.path if self.protocol in _LOCAL else self.path.partition("/")[2]

    @property
    def bucket(self) -> str:
        """The bucket; local files have none."""
        return "" if self.protocol in _LOCAL else self.path.partition("/")[0]

    container = bucket
    namespace = bucket

    @property
    def fs(self) -> Any:
        """The file system of the package fsspec, for other packages that read through it."""
        local = self._local
        try:
            import fsspec  # type: ignore[import-not-found]
        except ImportError:
            raise AirflowOptionalProviderFeatureException(
                f"the file system object of {str(local)!r} needs the package fsspec; install it "
                "beside Beeflow, or use the methods of the path"
            ) from None
        return fsspec.filesystem("file")

    @property
    def parent(self) -> ObjectStoragePath:
        """The folder above."""
        return self._with(self._pure.parent)

    @property
    def parents(self) -> list[ObjectStoragePath]:
        """The folders above, the nearest first."""
        return [self._with(path) for path in self._pure.parents]

    @classmethod
    def cwd(cls) -> ObjectStoragePath:
        """Return the working folder."""
        return cls(Path.cwd())

    @classmethod
    def home(cls) -> ObjectStoragePath:
        """Return the user's folder."""
        return cls(Path.home())

    def joinpath(self, *others: Any) -> ObjectStoragePath:
        """Return the path with others appended."""
        return self._with(self._pure.joinpath(*map(os.fspath, others)))

    def with_name(self, name: str) -> ObjectStoragePath:
        """Return the path with another last part."""
        return self._with(self._pure.with_name(name))

    def with_stem(self, stem: str) -> ObjectStoragePath:
        """Return the path with another last part, and the same suffix."""
        return self._with(self._pure.with_stem(stem))

    def with_suffix(self, suffix: str) -> ObjectStoragePath:
        """Return the path with another suffix."""
        return self._with(self._pure.with_suffix(suffix))

    def relative_to(self, other: Any) -> PurePosixPath:
        """Return the part of the path below another one."""
        base = other._pure if isinstance(other, ObjectStoragePath) else other
        return self._pure.relative_to(base)

    def resolve(self, strict: bool = False) -> ObjectStoragePath:
        """Return the absolute path without symbolic links."""
        return self._with(self._local.resolve(strict))

    def absolute(self) -> ObjectStoragePath:
        """Return the absolute path."""
        return self._with(self._local.absolute())

    def iterdir(self) -> Iterator[ObjectStoragePath]:
        """Yield what is in the folder."""
        return (self._with(path) for path in self._local.iterdir())

    def glob(self, pattern: str) -> Iterator[ObjectStoragePath]:
        """Yield the paths below that match a pattern."""
        return (self._with(path) for path in self._local.glob(pattern))

    def rglob(self, pattern: str) -> Iterator[ObjectStoragePath]:
        """Yield the paths below, near and far, that match a pattern."""
        return (self._with(path) for path in self._local.rglob(pattern))

    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> IO[Any]:
        """Open the file; one that is written gets the folders that it needs."""
        if set(mode) & set("wax"):
            self._local.parent.mkdir(parents=True, exist_ok=True)
        return self._local.open(mode, *args, **kwargs)

    def write_text(self, data: str, encoding: str | None = None, **kwargs: Any) -> int:
        """Write a text."""
        with self.open("w", encoding=encoding, **kwargs) as stream:
            return stream.write(data)

    def write_bytes(self, data: bytes, **_: Any) -> int:
        """Write bytes."""
        with self.open("wb") as stream:
            return stream.write(data)

    def rename(self, target: Any, **_: Any) -> ObjectStoragePath:
        """Move the file or folder within its store."""
        return self._with(self._local.rename(_as_path(target)._local))

    replace = rename

    def samestore(self, other: Any) -> bool:
        """Tell whether another path is in the same store."""
        return isinstance(other, ObjectStoragePath) and self.protocol == other.protocol

    def samefile(self, other_path: Any) -> bool:
        """Tell whether another path names the same file."""
        return self._local.samefile(_as_path(other_path)._local)

    def copy(self, dst: Any, recursive: bool = False, **_: Any) -> None:
        """Copy the file, or the folder if `recursive`, to a path or into an existing folder."""
        target = _as_path(dst)._local
        if self._local.is_dir():
            if not recursive:
                raise IsADirectoryError(f"{self} is a folder; copy it with recursive=True")
            shutil.copytree(self._local, target, dirs_exist_ok=True)
            return
        if target.is_dir():
            target = target / self._local.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._local, target)

    def move(self, path: Any, recursive: bool = False, **_: Any) -> None:
        """Move the file or folder to a path or into an existing folder."""
        target = _as_path(path)._local
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(self._local, target)

    def rmdir(self, recursive: bool = True) -> None:
        """Delete the folder and, unless told not to, all that is in it."""
        if recursive:
            shutil.rmtree(self._local)
        else:
            self._local.rmdir()

    def size(self) -> int:
        """Return the size of the file in bytes."""
        return self._local.stat().st_size

    def ukey(self) -> str:
        """Return a text that changes when the file does."""
        status = self._local.stat()
        text = f"{status.st_ino} {status.st_size} {status.st_mtime_ns}"
        return hashlib.sha256(text.encode()).hexdigest()

    def checksum(self) -> int:
        """Return a number that changes when the file does."""
        return int(self.ukey()[:16], 16)

    def read_block(self, offset: int, length: int | None, delimiter: bytes | None = None) -> bytes:
        """Return a part of the file; with a delimiter it begins and ends after one."""
        data = self._local.read_bytes()
        end = len(data) if length is None else min(offset + length, len(data))
        if delimiter is None:
            return data[offset:end]
        return data[_after(data, delimiter, offset) : _after(data, delimiter, end)]

    def serialize(self) -> dict[str, Any]:
        """Return the path as JSON values."""
        return {"path": str(self), "conn_id": self.conn_id, "kwargs": {}}

    @classmethod
    def deserialize(cls, data: dict[str, Any], version: int) -> ObjectStoragePath:
        """Return the path that `serialize` has described."""
        return cls(data["path"], conn_id=data.get("conn_id"), **data.get("kwargs", {}))


def _as_text(value: Any) -> str:
    return str(value) if isinstance(value, ObjectStoragePath) else os.fspath(value)


def _as_path(value: Any) -> ObjectStoragePath:
    return value if isinstance(value, ObjectStoragePath) else ObjectStoragePath(value)


def _after(data: bytes, delimiter: bytes, offset: int) -> int:
    """Return the position after the first delimiter from `offset` on; at the ends, `offset`."""
    if offset in (0, len(data)):
        return offset
    found = data.find(delimiter, offset)
    return len(data) if found < 0 else found + len(delimiter)
