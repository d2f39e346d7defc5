"""SubprocessHook: runs a command and hands its output to the log line by line."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

from airflow.hooks.base import BaseHook


class SubprocessResult(NamedTuple):
    """The exit code of a command and the last line of its output."""

    exit_code: int
    output: str


@contextlib.contextmanager
def working_directory(cwd: str | None = None) -> Iterator[str]:
    """Hand out `cwd`, or a temporary directory that is removed afterwards."""
    if cwd:
        yield cwd
        return
    import tempfile  # is slow to import, and every DAG file with a BashOperator imports us

    with tempfile.TemporaryDirectory(prefix="airflowtmp") as folder:
        yield folder


class SubprocessHook(BaseHook):
    """Runs one command at a time, in the process group of the task.

    Staying in the group means that the command cannot outlive the environment that runs the task,
    however that ends.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sub_process: subprocess.Popen[bytes] | None = None

    def run_command(
        self,
        command: list[str],
        env: dict[str, str] | None = None,
        output_encoding: str = "utf-8",
        cwd: str | None = None,
    ) -> SubprocessResult:
        """Run `command` to its end; `cwd` is a fresh temporary directory unless given."""
        with working_directory(cwd) as folder:
            self.log.info("Running command: %s", command)
            self.sub_process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=os.environ if env is None else env,
            )
            self.log.info("Output:")
            line = ""
            assert self.sub_process.stdout is not None
            with self.sub_process.stdout as output:
                for raw in output:
                    line = raw.decode(output_encoding, errors="backslashreplace").rstrip()
                    self.log.info("%s", line)
            exit_code = self.sub_process.wait()
            self.log.info("Command exited with return code %s", exit_code)
        return SubprocessResult(exit_code=exit_code, output=line)

    def send_sigterm(self) -> None:
        """Ask the command, and all that it has started, to end."""
        process = self.sub_process
        if process is None or process.poll() is not None:
            return
        self.log.info("Sending SIGTERM signal to process group")
        for pid in [process.pid, *_descendants(process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def _descendants(pid: int) -> Iterator[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = [int(child) for child in file.read().split()]
    except OSError:
        return
    for child in children:
        yield child
        yield from _descendants(child)
