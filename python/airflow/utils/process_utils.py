"""Processes that tasks start: helpers that DAG files and provider packages import."""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

log = logging.getLogger(__name__)

DEFAULT_TIME_TO_WAIT_AFTER_SIGTERM = 60


def execute_in_subprocess(
    cmd: list[str], cwd: str | None = None, env: dict[str, str] | None = None
) -> None:
    """Run a command, with its output in the log; CalledProcessError where it fails."""
    execute_in_subprocess_with_kwargs(cmd, cwd=cwd, env=env)


def execute_in_subprocess_with_kwargs(cmd: list[str], **kwargs: Any) -> None:
    """Run a command as `execute_in_subprocess`, with more arguments of `Popen`."""
    log.info("Executing cmd: %s", shlex.join(cmd))
    with subprocess.Popen(
        cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, close_fds=True, **kwargs
    ) as process:
        if process.stdout is not None:
            log.info("Output:")
            for line in process.stdout:
                log.info("%s", line.decode(errors="backslashreplace").rstrip())
        exit_code = process.wait()
    if exit_code != 0:
        raise subprocess.CalledProcessError(exit_code, cmd)


def execute_interactive(cmd: list[str], **kwargs: Any) -> None:
    """Run a command on the terminal."""
    subprocess.run(cmd, check=True, **kwargs)


@contextlib.contextmanager
def patch_environ(new_env_variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the block."""
    saved = {name: os.environ.get(name) for name in new_env_variables}
    os.environ.update(new_env_variables)
    try:
        yield
    finally:
        for name, value in saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def reap_process_group(
    process_group_id: int,
    logger: Any = log,
    sig: int = signal.SIGTERM,
    timeout: int = DEFAULT_TIME_TO_WAIT_AFTER_SIGTERM,
) -> dict[int, int]:
    """Send a signal to a group of processes; return no exit codes, since they are not our own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process_group_id, sig)
    return {}


def kill_child_processes_by_pids(pids_to_kill: list[int], timeout: int = 5) -> None:
    """Ask processes to end."""
    for pid in pids_to_kill:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def set_new_process_group() -> None:
    """Make this process the leader of a group of its own."""
    if os.getpid() != os.getsid(0):
        os.setpgid(0, 0)
