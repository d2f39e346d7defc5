"""Packaged DAGs: a zip file with DAG files at its root, and the modules that they import."""

from __future__ import annotations

import importlib
import sys
import zipfile
from types import ModuleType

SUFFIX = ".zip"
# The words that a module has which may define a DAG, as Airflow's safe mode demands.
_MARKS = (b"dag", b"airflow")


def import_package(file: str) -> list[ModuleType]:
    """Import the DAG files of a zip file; the modules in it are importable from now on."""
    names = _find_dag_modules(file)
    if file not in sys.path:
        sys.path.insert(0, file)
    return [_import(name, file) for name in names]


def _find_dag_modules(file: str) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        return [
            name.removesuffix(".py")
            for name in sorted(archive.namelist())
            if name.endswith(".py") and "/" not in name and _may_define_dag(archive.read(name))
        ]


def _may_define_dag(source: bytes) -> bool:
    return all(mark in source.lower() for mark in _MARKS)


def _import(name: str, file: str) -> ModuleType:
    known = sys.modules.get(name)
    if known is not None and not (known.__file__ or "").startswith(file):
        del sys.modules[name]  # another module of this name; here the one of the zip file is meant
    return importlib.import_module(name)
