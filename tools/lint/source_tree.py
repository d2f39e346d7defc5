"""The files that lint looks at, and what a check reports about them."""

import dataclasses
import functools
import os
import re
from pathlib import Path

import cpp_text

ROOT = Path(__file__).resolve().parents[2]
SKIPPED_FOLDERS = {"build", "node_modules", "vendor", "__pycache__"}
CPP_SUFFIXES = {".h", ".cc"}
CODE_SUFFIXES = CPP_SUFFIXES | {".py", ".sh", ".cmake", ".js", ".mjs", ".css"}
_TEST = re.compile(r"^(?:tests|bench|fuzz)/|(?:_test|_bench|_oracle|conformance)\.\w+$")
TEXT_SUFFIXES = CODE_SUFFIXES | {".md", ".txt", ".toml", ".json", ".sql", ".html", ".yml", ".yaml"}


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    """One thing that has to be changed."""

    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


@dataclasses.dataclass(frozen=True)
class Source:
    """One text file; `path` is relative to the root of the tree, with slashes."""

    path: str
    text: str

    @functools.cached_property
    def lines(self):
        return self.text.splitlines()

    @functools.cached_property
    def code(self):
        """C++ only: the text with comments and literals blanked, line for line."""
        return cpp_text.blank_comments_and_literals(self.text)

    @property
    def suffix(self):
        return Path(self.path).suffix

    @property
    def is_cpp(self):
        return self.suffix in CPP_SUFFIXES

    @property
    def is_test(self):
        """True for what only tests build or run, whole test suites and oracles included."""
        return bool(_TEST.search(self.path))

    @property
    def module(self):
        """The module of a file under src/, else None."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" and len(parts) > 2 else None

    @property
    def is_code(self):
        """True for programs, also for scripts that only a #! line tells, not for data and text."""
        return (self.suffix in CODE_SUFFIXES or self.text.startswith("#!")
                or self.path.endswith(("CMakeLists.txt", "Makefile")))


def read_tree(root=ROOT):
    """Returns all text files of the tree, in order of path, whether git knows them yet or not."""
    return [source for path in _paths(root) if (source := _read(root, path))]


def _paths(root):
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not _is_skipped(name))
        found.extend(Path(folder, name) for name in files)
    return sorted(found)


def _is_skipped(name):
    return name in SKIPPED_FOLDERS or name.startswith(".") and name != ".ci"


def _read(root, path):
    if path.suffix and path.suffix not in TEXT_SUFFIXES:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return None  # A binary, a dangling link, or gone since the folder was listed.
    return Source(path.relative_to(root).as_posix(), text)
