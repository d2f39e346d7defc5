"""prepare_virtualenv, for operators of one's own that run in a virtual environment."""

from __future__ import annotations

import os
from pathlib import Path

from airflow.utils.python_environments import VirtualEnvironment


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
