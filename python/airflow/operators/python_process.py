"""Operators that call a Python function in another interpreter.

The source of the function, without its decorators, and its arguments are handed over in files of a
temporary folder, and the result comes back in one. The function must import what it uses itself.
"""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
import tempfile
import textwrap
import types
import warnings
from collections.abc import (
    Callable,
    Collection,
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.operators.branch import BranchMixIn
from airflow.operators.python import PythonOperator
from airflow.utils.user_warnings import warn_removed

if TYPE_CHECKING:
    from airflow.utils.context import Context

# Variables of the context that any interpreter can read, and those that need pendulum there.
PLAIN_NAMES = frozenset(
    "ds ds_nodash expanded_ti_count inlets map_index_template next_ds next_ds_nodash outlets "
    "params prev_ds prev_ds_nodash run_id task_instance_key_str templates_dict test_mode "
    "tomorrow_ds tomorrow_ds_nodash ts ts_nodash ts_nodash_with_tz yesterday_ds "
    "yesterday_ds_nodash".split()
)
PENDULUM_NAMES = frozenset(
    "data_interval_end data_interval_start execution_date logical_date next_execution_date "
    "prev_data_interval_end_success prev_data_interval_start_success prev_end_date_success "
    "prev_execution_date prev_execution_date_success prev_start_date_success".split()
)
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]

_SCRIPT = """\
from __future__ import annotations
import sys as _sys, traceback as _traceback
import {serializer} as _serializer

with open(_sys.argv[1], "rb") as _file:
    _arguments = _serializer.load(_file)
if _arguments["context"] is not None:
    from airflow.models.taskinstance import set_current_context as _set_current_context
    from airflow.utils.context import Context as _Context
    _setting = _set_current_context(_Context(_arguments["context"]))
    _setting.__enter__()
with open(_sys.argv[3], encoding="utf-8") as _file:
    virtualenv_string_args = [_line.strip() for _line in _file]

{source}

try:
    _result = {name}(*_arguments["args"], **_arguments["kwargs"])
    with open(_sys.argv[2], "wb") as _file:
        _serializer.dump(_result, _file)
except Exception:
    with open(_sys.argv[4], "w", encoding="utf-8") as _file:
        _file.write(_traceback.format_exc())
    raise
"""


class _OtherInterpreterOperator(PythonOperator):
    """What the operators share: handing over of function, arguments and result."""

    _handed_over: dict[str, Any] | None = None

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        serializer: str | None = None,
        use_dill: bool = False,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        string_args: Iterable[str] | None = None,
        templates_dict: dict[str, Any] | None = None,
        templates_exts: list[str] | None = None,
        expect_airflow: bool = True,
        skip_on_exit_code: int | Container[int] | None = None,
        env_vars: dict[str, str] | None = None,
        inherit_env: bool = True,
        use_airflow_context: bool = False,
        **kwargs: Any,
    ) -> None:
        if not isinstance(python_callable, types.FunctionType):
            raise ValueError(
                f"{type(self).__name__} only supports functions for python_callable arg"
            )
        if python_callable.__name__ == "<lambda>":
            raise ValueError(
                f"{type(self).__name__} only supports functions for python_callable arg; a lambda "
                "has no source of its own"
            )
        super().__init__(
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=op_kwargs,
            templates_dict=templates_dict,
            templates_exts=templates_exts,
            **kwargs,
        )
        self.string_args = string_args or []
        self.serializer = _choose_serializer(serializer, use_dill)
        self.expect_airflow = expect_airflow
        self.skip_on_exit_code = _as_codes(skip_on_exit_code)
        self.env_vars = env_vars
        self.inherit_env = inherit_env
        if use_airflow_context and not expect_airflow:
            raise ValueError("use_airflow_context needs expect_airflow=True")
        self.use_airflow_context = use_airflow_context

    def get_python_source(self) -> str:
        """Return the source of the function, without its decorators."""
        source = textwrap.dedent(inspect.getsource(self.python_callable))
        first_line = ast.parse(source).body[0].lineno
        return "\n".join(source.splitlines()[first_line - 1 :])

    def execute(self, context: Context) -> Any:
        if self.use_airflow_context:
            names = PLAIN_NAMES | (PENDULUM_NAMES if self._has_pendulum() else frozenset())
            self._handed_over = _plain_params(_pick(context, names))
        return super().execute(type(context)(_pick(context, self._wanted_names())))

    def _wanted_names(self) -> set[str]:
        """Return the names of the variables that the function takes and can be given."""
        parameters = inspect.signature(self.python_callable).parameters.values()
        names = {p.name for p in parameters}
        if any(p.kind is p.VAR_KEYWORD for p in parameters):
            names = set(PLAIN_NAMES | PENDULUM_NAMES)
        if names & PENDULUM_NAMES and not self._has_pendulum():
            names -= PENDULUM_NAMES
        return names & (PLAIN_NAMES | PENDULUM_NAMES)

    def _has_pendulum(self) -> bool:
        raise NotImplementedError

    def _run_in(self, python: str | os.PathLike[str]) -> Any:
        """Call the function in the interpreter `python`, and return what it returns."""
        serializer = _import_serializer(self.serializer)
        with tempfile.TemporaryDirectory(prefix="beeflow_call_") as name:
            folder = Path(name)
            files = [folder / part for part in ("input", "output", "strings", "error")]
            arguments = {
                "args": tuple(self.op_args),
                "kwargs": _plain_params(self.op_kwargs),
                "context": self._handed_over,
            }
            files[0].write_bytes(serializer.dumps(arguments))
            files[2].write_text("\n".join(map(str, self.string_args)), encoding="utf-8")
            script = folder / "script.py"
            script.write_text(
                _SCRIPT.format(
                    serializer=self.serializer,
                    source=self.get_python_source(),
                    name=self.python_callable.__name__,
                ),
                encoding="utf-8",
            )
            command = [python, script, *files]
            self._call([str(part) for part in command], files[3])
            result = files[1].read_bytes()
        return serializer.loads(result) if result else None

    def _call(self, command: list[str], error_file: Path) -> None:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment(),
            text=True,
            errors="backslashreplace",
        )
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                self.log.info("%s", line.rstrip())
        code = process.wait()
        if code == 0:
            return
        if code in self.skip_on_exit_code:
            raise AirflowSkipException(f"Process exited with code {code}. Skipping.")
        details = error_file.read_text(encoding="utf-8") if error_file.exists() else ""
        raise AirflowException(f"Process returned non-zero exit status {code}.\n{details}".rstrip())

    def _environment(self) -> dict[str, str]:
        variables = dict(os.environ) if self.inherit_env else {}
        variables.update(self.env_vars or {})
        if self.expect_airflow:
            paths = [variables.get("PYTHONPATH", ""), os.fspath(_PACKAGE_ROOT)]
            variables["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        return variables


class PythonVirtualenvOperator(_OtherInterpreterOperator):
    """Call a Python function in a virtual environment that is made for it.

    :param requirements: packages to install: a list, or the text or name of a requirements file.
        (templated)
    :param python_version: version of the interpreter, such as `3.11`; by default this one's.
    :param serializer: how arguments and result are handed over: `pickle`, `dill` or `cloudpickle`.
    :param system_site_packages: let the function import what is installed here.
    :param pip_install_options: more options of `pip install`.
    :param index_urls: package indexes; an empty list for none. (templated)
    :param venv_cache_path: folder in which environments are kept for the next time. (templated)
    :param string_args: texts that the function finds in the global `virtualenv_string_args`.
    :param skip_on_exit_code: exit code, or codes, that leave the task skipped.
    :param use_airflow_context: let the function call `get_current_context`.
    :param env_vars: environment variables; beside the inherited ones unless `inherit_env` is false.
    """

    template_fields: Sequence[str] = (
        "requirements",
        "index_urls",
        "venv_cache_path",
        *PythonOperator.template_fields,
    )
    template_ext: Sequence[str] = (".txt",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        requirements: Iterable[str] | str | None = None,
        python_version: str | None = None,
        system_site_packages: bool = True,
        pip_install_options: list[str] | None = None,
        index_urls: Collection[str] | str | None = None,
        venv_cache_path: str | os.PathLike[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(python_callable=python_callable, **kwargs)
        self.requirements = [] if requirements is None else requirements
        if not isinstance(self.requirements, str):
            self.requirements = list(self.requirements)
        self.python_version = None if python_version is None else str(python_version)
        self.system_site_packages = system_site_packages
        self.pip_install_options = pip_install_options
        self.index_urls = [index_urls] if isinstance(index_urls, str) else index_urls
        self.venv_cache_path = None if venv_cache_path is None else os.fspath(venv_cache_path)
        if self.serializer != "pickle" and self.serializer not in self._required_packages():
            if isinstance(self.requirements, list) and not system_site_packages:
                self.requirements.append(self.serializer)

    def _required_packages(self) -> list[str]:
        given = self.requirements
        return given.splitlines() if isinstance(given, str) else [str(item) for item in given]

    def _has_pendulum(self) -> bool:
        wanted = ("pendulum", "apache-airflow")
        named = any(item.startswith(wanted) for item in self._required_packages())
        return self.system_site_packages or named

    def execute_callable(self) -> Any:
        from airflow.utils.python_environments import VirtualEnvironment

        environment = VirtualEnvironment(
            requirements=tuple(filter(None, map(str.strip, self._required_packages()))),
            python_version=self.python_version,
            system_site_packages=self.system_site_packages,
            pip_install_options=tuple(self.pip_install_options or ()),
            index_urls=None if self.index_urls is None else tuple(self.index_urls),
        )
        if self.venv_cache_path:
            return self._run_in(environment.keep_in(Path(self.venv_cache_path)))
        with tempfile.TemporaryDirectory(prefix="venv") as folder:
            return self._run_in(environment.create_in(Path(folder)))


class BranchPythonVirtualenvOperator(PythonVirtualenvOperator, BranchMixIn):
    """Follow the branches that the function, called in a virtual environment, returns."""

    def execute(self, context: Context) -> Any:
        return self.do_branch(context, super().execute(context))


class ExternalPythonOperator(_OtherInterpreterOperator):
    """Call a Python function in an interpreter that is there already.

    :param python: absolute path of the interpreter. (templated)
    :param expect_pendulum: hand over variables of the context that need pendulum there.

    The other arguments are as those of `PythonVirtualenvOperator`.
    """

    template_fields: Sequence[str] = ("python", *PythonOperator.template_fields)

    def __init__(
        self,
        *,
        python: str,
        python_callable: Callable[..., Any],
        expect_pendulum: bool = False,
        **kwargs: Any,
    ) -> None:
        if not python:
            raise ValueError("Python Path must be defined in ExternalPythonOperator")
        super().__init__(python_callable=python_callable, **kwargs)
        self.python = python
        self.expect_pendulum = expect_pendulum

    def _has_pendulum(self) -> bool:
        probe = [self.python, "-c", "import pendulum"]
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0

    def execute(self, context: Context) -> Any:
        path = Path(self.python)
        if not path.exists():
            raise ValueError(f"Python Path '{path}' must exists")
        if not path.is_file():
            raise ValueError(f"Python Path '{path}' must be a file")
        if not path.is_absolute():
            raise ValueError(f"Python Path '{path}' must be an absolute path.")
        return super().execute(context)

    def execute_callable(self) -> Any:
        return self._run_in(self.python)


class BranchExternalPythonOperator(ExternalPythonOperator, BranchMixIn):
    """Follow the branches that the function, called in another interpreter, returns."""

    def execute(self, context: Context) -> Any:
        return self.do_branch(context, super().execute(context))


def is_venv_installed() -> bool:
    """Tell whether virtual environments can be made."""
    from importlib.util import find_spec

    return find_spec("venv") is not None or find_spec("virtualenv") is not None


def _choose_serializer(serializer: str | None, use_dill: bool) -> str:
    if use_dill:
        warn_removed("`use_dill` is deprecated. Please use `serializer='dill'` instead.")
        if serializer not in (None, "dill"):
            raise AirflowException("Both 'use_dill' and 'serializer' parameters are set. Give one.")
        return "dill"
    if serializer not in (None, "pickle", "dill", "cloudpickle"):
        raise AirflowException(
            f"Unsupported serializer {serializer!r}. Expected one of 'cloudpickle', 'dill', "
            "'pickle'"
        )
    return serializer or "pickle"


def _import_serializer(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise AirflowException(
            f"the package {name!r}, which the task hands its arguments over with, is not "
            f"installed beside Beeflow ({sys.executable}); install it or use serializer='pickle'"
        ) from error


class _Serializers(Mapping[str, Any]):
    """The modules that can write arguments and results, by name; imported when asked for."""

    _names = ("pickle", "dill", "cloudpickle")

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        return _import_serializer(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


# Provider packages look their serializer up in it.
_SERIALIZERS = _Serializers()


def _pick(context: Context, names: Iterable[str]) -> dict[str, Any]:
    # Deprecated variables may warn; that is for the function to cause, not for us.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return {name: context[name] for name in names if name in context}


def _plain_params(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments without classes of ours, which the interpreter may not have."""
    plain = dict(kwargs)
    if "params" in plain and isinstance(plain["params"], Mapping):
        plain["params"] = dict(plain["params"])
    return plain


def _as_codes(codes: int | Container[int] | None) -> Container[int]:
    if codes is None:
        return ()
    return (codes,) if isinstance(codes, int) else codes
