"""Import of modules under other names than those of their files, and help where one is missing.

Airflow has moved many modules over the years; `_moved_modules` lists their names. What lies in a
provider package that is not installed gets an error that names the package.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import Any

_STANDARD = "airflow.providers.standard"
_PROVIDERS = "airflow.providers."
_CONTRIB = "airflow.contrib."
_PLUGIN = re.compile(r"airflow\.(operators|sensors|hooks|executors)\.\w+")
# First parts of names of provider packages that have two.
_FAMILIES = frozenset({"apache", "atlassian", "cncf", "common", "dbt", "microsoft"})


class _AliasLoader:
    """Makes a module whose names are those of another one, imported when a name is asked for."""

    def __init__(self, target: str, renamed: Mapping[str, str], warns: bool) -> None:
        self._target = target
        self._renamed = renamed
        self._warns = warns

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to the import system to create the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its `__getattr__`, and the reason why it is not there any more."""
        name, target, renamed = module.__name__, self._target, self._renamed
        module.__doc__ = f"Another name of `{target}`."

        def __getattr__(attribute: str) -> Any:
            if attribute.startswith("__") and attribute != "__all__":
                raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
            source = import_module(target)
            if attribute == "__all__":
                public = getattr(source, "__all__", None) or vars(source)
                return [item for item in public if not item.startswith("_")]
            try:
                value = getattr(source, renamed.get(attribute, attribute))
            except AttributeError:
                raise AttributeError(f"module {name!r} has no attribute {attribute!r}") from None
            setattr(module, attribute, value)
            return value

        module.__getattr__ = __getattr__  # type: ignore[assignment]
        if self._warns:
            from airflow.utils.user_warnings import warn_removed

            warn_removed(f"The module `{name}` is deprecated. Please use `{target}`.")


class _StandardFinder:
    """Finds the modules of the standard provider of Airflow 3, which are core modules here.

    It comes before the import path, because the package of that name works on Airflow only.
    """

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return where a module of `airflow.providers.standard` comes from."""
        return _find_moved(name) if name.startswith(_STANDARD) else None


class _MissingFinder:
    """Is asked for what nobody else has found."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return where a module that was moved is now; ModuleNotFoundError names its package."""
        if not name.startswith("airflow."):
            return None
        found = _find_moved(name)
        if found is not None:
            return found
        if _is_only_asked_for():
            return None
        if name.startswith(_PROVIDERS):
            return _find_provider(name)
        if _PLUGIN.fullmatch(name):
            return _find_plugin(name)
        if name.startswith(_CONTRIB):
            raise ModuleNotFoundError(
                f"No module named {name!r}: Airflow 2 has moved airflow.contrib into provider "
                "packages; import it from airflow.providers, and install its package beside "
                "Beeflow",
                name=name,
            )
        return None


def _find_moved(name: str) -> ModuleSpec | None:
    from airflow import _moved_modules as moved

    if name in moved.PACKAGES:
        return _package_spec(name)
    if name in moved.STANDARD:
        loader = _AliasLoader(moved.STANDARD[name], {}, warns=False)
    elif name in moved.CURRENT:
        loader = _AliasLoader(moved.CURRENT[name], {}, warns=False)
    elif name in moved.MODULES:
        loader = _AliasLoader(moved.MODULES[name], moved.RENAMED.get(name, {}), warns=True)
    else:
        return None
    return ModuleSpec(name, loader)  # type: ignore[arg-type]


def _package_spec(name: str) -> ModuleSpec:
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = []
    return spec


def _find_provider(name: str) -> ModuleSpec | None:
    parts = name.split(".")[2:]
    if len(parts) == 1 and parts[0] in _FAMILIES:
        # Which package it is, only the next part of the name tells.
        return _package_spec(name)
    provider = _provider_of(parts)
    package = ".".join(["airflow.providers", *provider])
    if package != name and not _is_own(package):
        return None  # the package is installed; it has no such module
    raise ModuleNotFoundError(
        f"No module named {name!r}; install {distribution_name(provider)} beside Beeflow", name=name
    )


class _ExportsLoader:
    """Makes a module of given names."""

    def __init__(self, exports: Mapping[str, Any]) -> None:
        self._exports = exports

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to the import system to create the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its names."""
        vars(module).update(self._exports)


def _find_plugin(name: str) -> ModuleSpec | None:
    """Return where the module comes from in which Airflow 1 offered the classes of a plugin."""
    from airflow.plugins_manager import explain_failures, find_exports

    _, kind, plugin = name.split(".")
    exports = find_exports(kind, plugin)
    if exports:
        return ModuleSpec(name, _ExportsLoader(exports))  # type: ignore[arg-type]
    failures = explain_failures()
    if failures:
        raise ModuleNotFoundError(f"No module named {name!r}{failures}", name=name)
    return None


def _provider_of(parts: Sequence[str]) -> Sequence[str]:
    return parts[: 2 if parts[0] in _FAMILIES else 1]


def find_cure(error: ImportError) -> str | None:
    """Return what to install for a name that Beeflow's own part of a package lacks, if it is one.

    A missing module says so itself; a missing name in a module that is there cannot.
    """
    module = error.name or ""
    if isinstance(error, ModuleNotFoundError) or not module.startswith(_PROVIDERS):
        return None
    provider = _provider_of(module.split(".")[2:])
    if not _is_own(".".join(["airflow.providers", *provider])):
        return None
    return f"install {distribution_name(provider)} beside Beeflow"


def _is_only_asked_for() -> bool:
    """Tell whether `importlib.util.find_spec` wants to know: None, and no error, is its answer."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib._boot"):
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") == "importlib.util"


def _is_own(package: str) -> bool:
    """Tell whether a provider package is Beeflow's own, which has only a part of the modules."""
    module = sys.modules.get(package)
    return bool(getattr(module, "PART_OF_BEEFLOW", False))


def distribution_name(provider: Sequence[str]) -> str:
    """Return the name under which a provider package is installed."""
    return "apache-airflow-providers-" + "-".join(part.replace("_", "-") for part in provider)


def install() -> None:
    """Have both finders asked, once."""
    if _MissingFinder not in sys.meta_path:
        sys.meta_path.insert(0, _StandardFinder)
        sys.meta_path.append(_MissingFinder)
