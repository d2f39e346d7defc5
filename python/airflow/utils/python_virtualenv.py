"""What operators of provider packages need that call a function in another interpreter."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.utils.decorators import remove_task_decorator as remove_task_decorator
from airflow.utils.python_environments import VirtualEnvironment

# Its arguments: files with the arguments of the function and for its result; where there are
# more, a file with text arguments and one for an error.
_SCRIPT = """\
from __future__ import annotations

import os, sys
import {pickling_library} as _serializer

_arguments = {{"args": [], "kwargs": {{}}}}
if os.path.getsize(sys.argv[1]):
    with open(sys.argv[1], "rb") as _file:
        _arguments = _serializer.load(_file)
{string_arguments}

{source}

try:
    _result = {function}(*_arguments["args"], **_arguments["kwargs"])
except Exception as _error:
    if len(sys.argv) > 4:
        with open(sys.argv[4], "w", encoding="utf-8") as _file:
            _file.write(str(_error))
    raise
with open(sys.argv[2], "wb") as _file:
    if _result is not None:
        _serializer.dump(_result, _file)
"""
_STRING_ARGUMENTS = """\
with open(sys.argv[3], encoding="utf-8") as _file:
    virtualenv_string_args = [_line.strip() for _line in _file]"""


def write_python_script(
    jinja_context: Mapping[str, Any], filename: str, render_template_as_native_obj: bool = False
) -> None:
    """Write a script that calls a function.

    `jinja_context` has the name of the function (`python_callable`), its source
    (`python_callable_source`), the module that reads and writes values (`pickling_library`), and
    whether the script gets text arguments (`string_args_global`).
    """
    has_strings = jinja_context.get("string_args_global", True)
    script = _SCRIPT.format(
        pickling_library=jinja_context["pickling_library"],
        string_arguments=_STRING_ARGUMENTS if has_strings else "",
        source=jinja_context["python_callable_source"],
        function=jinja_context["python_callable"],
    )
    Path(filename).write_text(script, encoding="utf-8")


def prepare_virtualenv(
    venv_directory: str,
    python_bin: str,
    system_site_packages: bool,
    requirements: list[str] | None = None,
    requirements_file_path: str | None = None,
    pip_install_options: list[str] | None = None,
    index_urls: list[str] | None = None,
) -> str:
    """Create a virtual environment in a folder; return the path of its interpreter."""
    listed = list(requirements or [])
    if requirements_file_path is not None:
        listed += Path(requirements_file_path).read_text(encoding="utf-8").splitlines()
    name = os.path.basename(python_bin)
    environment = VirtualEnvironment(
        requirements=tuple(line for line in listed if line.strip()),
        python_version=name.removeprefix("python") if name != "python3" else None,
        system_site_packages=system_site_packages,
        pip_install_options=tuple(pip_install_options or ()),
        index_urls=index_urls,
    )
    return os.fspath(environment.create_in(Path(venv_directory)))
