"""Files and folders: helpers that DAG files and provider packages import."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from airflow._dag_words import has_dag_words

__all__ = [
    "TemporaryDirectory",
    "correct_maybe_zipped",
    "find_dag_file_paths",
    "find_path_from_directory",
    "list_py_file_paths",
    "might_contain_dag",
    "mkdirs",
    "open_maybe_zipped",
]

_ZIPPED = re.compile(r"(.*\.zip)(?:/(.*))?$")


def mkdirs(path: str, mode: int = 0o777) -> None:
    """Create a folder and those above it, where they are missing."""
    Path(path).mkdir(mode=mode, parents=True, exist_ok=True)


def correct_maybe_zipped(fileloc: str | None) -> str | None:
    """Return the path of the zip file of a path in one; other paths as they are."""
    match = _ZIPPED.match(fileloc or "")
    if match and zipfile.is_zipfile(match[1]):
        return match[1]
    return fileloc


def open_maybe_zipped(fileloc: str, mode: str = "r") -> IO[Any]:
    """Open a file, which may be in a zip file."""
    import io

    match = _ZIPPED.match(fileloc)
    if match and match[2] and zipfile.is_zipfile(match[1]):
        return io.TextIOWrapper(zipfile.ZipFile(match[1]).open(match[2]))
    return open(fileloc, mode)


def might_contain_dag(file_path: str, safe_mode: bool = True, zip_file: Any = None) -> bool:
    """Tell whether a file has the words that every DAG file has."""
    return not safe_mode or has_dag_words(file_path)


def find_path_from_directory(
    base_dir_path: str | os.PathLike[str], ignore_file_name: str = ".airflowignore", **_: Any
) -> Generator[str, None, None]:
    """Yield the files below a folder, without those that ignore files exclude."""
    patterns: list[re.Pattern[str]] = []
    for folder, folders, files in os.walk(base_dir_path, followlinks=True):
        ignore_file = Path(folder, ignore_file_name)
        if ignore_file.is_file():
            patterns += _read_patterns(ignore_file)
        kept = [n for n in folders if not _is_ignored(patterns, folder, n, base_dir_path)]
        folders[:] = sorted(kept)
        for name in sorted(files):
            if not _is_ignored(patterns, folder, name, base_dir_path):
                yield os.path.join(folder, name)


def _read_patterns(path: Path) -> list[re.Pattern[str]]:
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return [re.compile(line) for line in lines if line]


def _is_ignored(
    patterns: list[re.Pattern[str]], folder: str, name: str, base: str | os.PathLike[str]
) -> bool:
    path = os.path.relpath(os.path.join(folder, name), base)
    return name == "__pycache__" or any(pattern.search(path) for pattern in patterns)


def find_dag_file_paths(directory: str | os.PathLike[str], safe_mode: bool = True) -> list[str]:
    """Return the DAG files of a folder; of a file, the file."""
    if os.path.isfile(directory):
        return [os.fspath(directory)]
    found = find_path_from_directory(directory)
    return [p for p in found if p.endswith(".py") and might_contain_dag(p, safe_mode)]


def list_py_file_paths(
    directory: str | os.PathLike[str] | None,
    safe_mode: bool = True,
    include_examples: bool = False,
) -> list[str]:
    """Return the DAG files of a folder; of a file, the file."""
    return find_dag_file_paths(directory, safe_mode) if directory else []
