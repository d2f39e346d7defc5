"""DagBag: the DAGs of a folder, imported in this process."""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.utils.file import find_dag_file_paths
from airflow.utils.hashlib_wrapper import md5
from airflow.utils.log.logging_mixin import LoggingMixin

if TYPE_CHECKING:
    from airflow.models.dag import DAG


class DagBag(LoggingMixin):
    """Imports the DAG files of a folder, or one file, and keeps their DAGs by id.

    Files whose import fails are in `import_errors`, with their tracebacks.
    """

    def __init__(
        self,
        dag_folder: str | os.PathLike[str] | None = None,
        include_examples: bool = False,
        safe_mode: bool = True,
        read_dags_from_db: bool = False,
        collect_dags: bool = True,
        **_: Any,
    ) -> None:
        self.dag_folder = os.fspath(dag_folder or conf.get("core", "dags_folder"))
        self.dags: dict[str, DAG] = {}
        self.import_errors: dict[str, str] = {}
        self.file_last_changed: dict[str, float] = {}
        if collect_dags:
            self.collect_dags(self.dag_folder, safe_mode=safe_mode)

    @property
    def dag_ids(self) -> list[str]:
        """The ids of the DAGs."""
        return list(self.dags)

    def size(self) -> int:
        """Return the number of DAGs."""
        return len(self.dags)

    def get_dag(self, dag_id: str, session: Any = None) -> DAG | None:
        """Return a DAG, or None where there is none with the id."""
        return self.dags.get(dag_id)

    def collect_dags(
        self,
        dag_folder: str | os.PathLike[str] | None = None,
        only_if_updated: bool = True,
        include_examples: bool = False,
        safe_mode: bool = True,
    ) -> None:
        """Import the DAG files of a folder."""
        for path in find_dag_file_paths(dag_folder or self.dag_folder, safe_mode):
            self.process_file(path, only_if_updated, safe_mode)

    def process_file(
        self, filepath: str, only_if_updated: bool = True, safe_mode: bool = True
    ) -> list[DAG]:
        """Import one file and return its DAGs."""
        if not os.path.isfile(filepath):
            return []
        try:
            found = list(_import_dags(filepath))
            for dag in found:
                dag.validate()
        except Exception:
            self.import_errors[filepath] = traceback.format_exc()
            return []
        self.file_last_changed[filepath] = os.path.getmtime(filepath)
        for dag in found:
            self.bag_dag(dag)
        return found

    def bag_dag(self, dag: DAG, root_dag: Any = None) -> None:
        """Add a DAG."""
        self.dags[dag.dag_id] = dag


def _import_dags(path: str) -> Iterator[DAG]:
    from airflow.models.dag import DAG, DagContext

    outer = DagContext.autoregistered_dags
    DagContext.autoregistered_dags = []
    try:
        module = import_file(path)
        found = [value for value in vars(module).values() if isinstance(value, DAG)]
        found += DagContext.autoregistered_dags
    finally:
        DagContext.autoregistered_dags = outer
    yield from {dag.dag_id: dag for dag in found}.values()


def import_file(path: str) -> ModuleType:
    """Import a file under a name of its own."""
    stem = os.path.splitext(os.path.basename(path))[0]
    name = f"unusual_prefix_{md5(path.encode()).hexdigest()}_{stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
