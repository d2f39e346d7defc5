"""Importing one DAG file: its DAGs, or an error that shows the user's own lines only."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import sys
import time
import traceback
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType, ModuleType, TracebackType
from typing import Any

from airflow._import_finder import find_cure
from airflow.configuration import conf, get_airflow_home
from airflow.exceptions import (
    AirflowException,
    AirflowProviderDeprecationWarning,
    RemovedInAirflow3Warning,
)
from airflow.models.dag import DAG, DagContext
from airflow.plugins_manager import find_plugins_folders
from airflow.utils.setup_teardown import SetupTeardownContext
from airflow.utils.task_group import TaskGroupContext
from airflow.utils.user_warnings import AuthoringWarning, warn_user

from beeflow_worker.missing_modules import advise
from beeflow_worker.packaged import SUFFIX, import_package

_OWN_PACKAGES = tuple(
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), package) + os.sep
    for package in ("airflow", "beeflow_worker")
)
_IMPORTLIB = os.path.dirname(os.path.abspath(importlib.util.__file__)) + os.sep
_REPEAT_SECONDS = 0.5
# Airflow's: there are files that look for it, to tell a scheduler from a plain `python3 FILE`.
DAG_MODULE_PREFIX = "unusual_prefix_"
# Tells one version of a file from another: inode, size, time of modification; None: it is gone.
Signature = tuple[int, int, int] | None
_AIRFLOW_WARNINGS = (
    RemovedInAirflow3Warning,
    AirflowProviderDeprecationWarning,
    AuthoringWarning,
)


class ImportTimeout(BaseException):
    """The import took too long. Not an Exception, so that user code rarely swallows it."""


# Errors that tell enough without a frame.
_PLACELESS = (AirflowException, ImportTimeout, SyntaxError)


@dataclass(frozen=True)
class ImportProblem:
    """Why a file could not be imported."""

    message: str
    line: int | None
    traceback: str


@dataclass
class ImportedFile:
    """What the import of a file gave. `dags` is empty where there is a `problem`."""

    file: str
    dags: dict[str, DAG] = field(default_factory=dict)
    problem: ImportProblem | None = None
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    sources: dict[str, Signature] = field(default_factory=dict)

    def has_changed(self) -> bool:
        """Tell whether a file that the import has read, the DAG file's own modules too, changed."""
        return any(_signature(path) != before for path, before in self.sources.items())


def _signature(path: str) -> Signature:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _user_sources(file: str) -> dict[str, Signature]:
    """Return the DAG file and the modules that were imported from its folder or the DAG folder."""
    roots = tuple(folder + os.sep for folder in _user_folders(file))
    paths = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    mine = {path for path in paths if isinstance(path, str) and path.startswith(roots)}
    return {path: _signature(path) for path in mine | {file}}


def import_dag_file(file: str, timeout: float | None = None) -> ImportedFile:
    """Import `file` and collect its DAGs; whatever the file does wrong ends up in `problem`.

    `timeout` in seconds bounds the import. Needs the main thread, because it uses SIGALRM.
    """
    imported = ImportedFile(os.path.abspath(file))
    started = time.perf_counter()
    # Many files build paths from it, since every installation of Airflow sets it.
    os.environ.setdefault("AIRFLOW_HOME", get_airflow_home())
    try:
        with _recorded_warnings(imported), _time_limit(imported.file, timeout):
            imported.dags = _collect_dags(_execute(imported.file), imported.file)
    except BaseException as error:  # noqa: B902 - sys.exit() and the like are errors here too
        imported.problem = describe_problem(error, imported.file)
    imported.seconds = time.perf_counter() - started
    imported.sources = _user_sources(imported.file)
    return imported


def describe_problem(error: BaseException, file: str) -> ImportProblem:
    """Return what to tell people about an error that `file` caused."""
    return ImportProblem(
        message=summarize(error, file),
        line=_find_line(error, file),
        traceback=format_user_traceback(error),
    )


def summarize(error: BaseException, file: str) -> str:
    """Return one line that names the error."""
    if isinstance(error, SystemExit):
        return f"{os.path.basename(file)} calls sys.exit({error.code!r}) when it is imported"
    if isinstance(error, ImportTimeout):
        return str(error)
    text = " ".join(str(error).split()) + advise_on_import(error, file)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def advise_on_import(error: BaseException, file: str) -> str:
    """Return what to do where a module, or a name in it, is missing; empty for other errors."""
    if isinstance(error, ModuleNotFoundError):
        return advise(error, _user_folders(file))
    cure = find_cure(error) if isinstance(error, ImportError) else None
    return f"; {cure}" if cure else ""


def format_user_traceback(error: BaseException) -> str:
    """Return the traceback without the frames of the engine and of Python's import system.

    An error that is not one of the authoring API's own, and has no frame of the user's, may be a
    fault of the engine: it keeps all frames. One of syntax says itself where it is.
    """
    summary = traceback.TracebackException.from_exception(error)
    whole = list(summary.stack)
    _drop_internal_frames(summary, set())
    if not summary.stack and not isinstance(error, _PLACELESS):
        summary.stack[:] = whole
    return "".join(summary.format())


def _drop_internal_frames(summary: traceback.TracebackException | None, seen: set[int]) -> None:
    if summary is None or id(summary) in seen:
        return
    seen.add(id(summary))
    kept = [frame for frame in summary.stack if not _is_internal(frame.filename)]
    summary.stack[:] = kept
    nested_group = getattr(summary, "exceptions", None) or ()  # of an ExceptionGroup
    for nested in (summary.__cause__, summary.__context__, *nested_group):
        _drop_internal_frames(nested, seen)


def _is_internal(filename: str) -> bool:
    return filename.startswith((*_OWN_PACKAGES, _IMPORTLIB, "<frozen "))


def _find_line(error: BaseException, file: str) -> int | None:
    """Return the line of `file` that was executed, or could not be read, when `error` arose."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno
    line: int | None = None
    step: TracebackType | None = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == file:
            line = step.tb_lineno
        step = step.tb_next
    return line


def _execute(file: str) -> list[ModuleType]:
    extend_search_path(file)
    DagContext.autoregistered_dags.clear()
    try:
        return import_package(file) if file.endswith(SUFFIX) else [_import_module(file)]
    finally:
        DagContext.leave_all()
        TaskGroupContext.leave_all()
        SetupTeardownContext.leave_all()


def _import_module(file: str) -> ModuleType:
    stem = os.path.splitext(os.path.basename(file))[0]
    # Not by hashlib: the first digest of a process costs more than many a file's import.
    name = f"{DAG_MODULE_PREFIX}{zlib.crc32(file.encode()):08x}_{stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # as in a regular import; dataclasses and pickle look it up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _user_folders(file: str) -> list[str]:
    """Return the folders from which the file may import: its own, and those of DAGs and plugins."""
    dags_folder = conf.get("core", "dags_folder")
    folders = [os.path.dirname(file), dags_folder, *find_plugins_folders()]
    return list(dict.fromkeys(os.path.abspath(folder) for folder in folders if folder))


def extend_search_path(file: str) -> None:
    """Let the file import modules beside it, and from the folders of DAGs and plugins."""
    for folder in _user_folders(file):
        if folder not in sys.path:
            sys.path.append(folder)


def _collect_dags(modules: list[ModuleType], file: str) -> dict[str, DAG]:
    """Return the DAGs at the top level of the modules, and those whose `with` blocks they ran."""
    values = [value for module in modules for value in vars(module).values()]
    found = [value for value in values if isinstance(value, DAG)]
    found += DagContext.autoregistered_dags
    found += [subdag for dag in found for subdag in dag.subdags]
    dags: dict[str, DAG] = {}
    for dag in found:
        if dags.setdefault(dag.dag_id, dag) is not dag:
            # As under Airflow, where one of the two is lost without a word.
            warn_user(f"the file defines DAG {dag.dag_id} twice; only the last one counts")
            dags[dag.dag_id] = dag
    for dag in dags.values():
        dag.fileloc = file
        dag.validate()
    return dags


@contextlib.contextmanager
def _time_limit(file: str, seconds: float | None) -> Iterator[None]:
    if not seconds:
        yield
        return

    def expire(signum: int, frame: FrameType | None) -> None:
        raise ImportTimeout(
            f"the import of {os.path.basename(file)} took longer than {seconds:g} s "
            "([core] dagbag_import_timeout); move slow code from the top level of the file "
            "into tasks"
        )

    previous = signal.signal(signal.SIGALRM, expire)
    # It repeats, for code that swallows even this exception.
    signal.setitimer(signal.ITIMER_REAL, seconds, _REPEAT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def _recorded_warnings(imported: ImportedFile) -> Iterator[None]:
    with warnings.catch_warnings(record=True) as recorded:
        warnings.simplefilter("default")
        try:
            yield
        finally:
            imported.warnings = [
                _format_warning(warning, imported.file)
                for warning in recorded
                if warning.filename == imported.file
                or warning.filename.startswith(imported.file + os.sep)
                or issubclass(warning.category, _AIRFLOW_WARNINGS)
            ]


def _format_warning(warning: Any, file: str) -> str:
    if _is_internal(warning.filename):
        return f"{warning.category.__name__}: {warning.message}"
    place = "line" if warning.filename == file else f"{warning.filename}:"
    return f"{place} {warning.lineno}: {warning.category.__name__}: {warning.message}"
