"""Virtual environments for tasks."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from airflow.exceptions import AirflowException

logger = logging.getLogger(__name__)

# An environment that is there completely has this file.
_COMPLETE = "beeflow_complete"


def _version_here(parts: int) -> str:
    return ".".join(map(str, sys.version_info[:parts]))


@dataclass(frozen=True)
class VirtualEnvironment:
    """What a virtual environment is to hold. Fields are as of `PythonVirtualenvOperator`."""

    requirements: Sequence[str] = ()
    python_version: str | None = None
    system_site_packages: bool = True
    pip_install_options: Sequence[str] = ()
    index_urls: Sequence[str] | None = None

    def create_in(self, folder: Path) -> Path:
        """Create it in `folder`; return the path of its interpreter."""
        command = [self._find_interpreter(), "-m", "venv"]
        if self.system_site_packages:
            command.append("--system-site-packages")
        if not self.requirements:
            command.append("--without-pip")
        self._run([*command, str(folder)], "make a virtual environment")
        python = folder / "bin" / "python"
        if self.requirements:
            self._install(python, folder)
        return python

    def keep_in(self, cache: Path) -> Path:
        """Return the interpreter of the environment that `cache` keeps, created if need be."""
        content = json.dumps(asdict(self), sort_keys=True) + sys.version
        folder = cache / f"venv-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
        cache.mkdir(parents=True, exist_ok=True)
        with open(f"{folder}.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / _COMPLETE).exists():
                shutil.rmtree(folder, ignore_errors=True)
                self.create_in(folder)
                (folder / _COMPLETE).touch()
        return folder / "bin" / "python"

    def _find_interpreter(self) -> str:
        if self.python_version in (None, _version_here(2), _version_here(3)):
            return sys.executable
        name = f"python{self.python_version}"
        found = shutil.which(name)
        if found is None:
            raise AirflowException(f"{name} is not installed; install it, or leave python_version")
        return found

    def _install(self, python: Path, folder: Path) -> None:
        listed = folder / "requirements.txt"
        listed.write_text("\n".join(self.requirements), encoding="utf-8")
        command = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
        command += self._index_options()
        command += [*self.pip_install_options, "-r", str(listed)]
        self._run(command, f"install {', '.join(self.requirements)}")

    def _index_options(self) -> list[str]:
        if self.index_urls is None:
            return []
        if not self.index_urls:
            return ["--no-index"]
        first, *others = self.index_urls
        options = ["--index-url", first]
        for url in others:
            options += ["--extra-index-url", url]
        return options

    def _run(self, command: list[str], purpose: str) -> None:
        logger.info("Executing cmd: %s", " ".join(command))
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="backslashreplace",
            # The packages of this process must not be those of the new environment.
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            check=False,
        )
        for line in done.stdout.splitlines():
            logger.info("%s", line)
        if done.returncode != 0:
            raise AirflowException(
                f"cannot {purpose}: {' '.join(command)} ended with {done.returncode}; see the log "
                "of the task"
            )
