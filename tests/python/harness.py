"""What the tests share: DAG files in temporary folders, and a worker's side of the protocol."""

from __future__ import annotations

import ctypes
import os
import select
import socket
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON_ROOT = REPOSITORY / "python"
if str(PYTHON_ROOT) not in sys.path:
    sys.path.insert(0, str(PYTHON_ROOT))

from beeflow_worker.environment import parse  # noqa: E402
from beeflow_worker.frames import Frame, FrameSocket  # noqa: E402

_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None)

# Longest wait for an answer. Nothing takes that long; a test that waits for it has failed.
DEADLINE_SECONDS = 30


class FolderTest(unittest.TestCase):
    """A test with a folder of its own for DAG files."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, source: str, name: str = "dag_file.py") -> str:
        """Write a file, dedented, and return its path."""
        path = self.folder / name
        path.write_text(textwrap.dedent(source).lstrip("\n"), encoding="utf-8")
        return str(path)

    def parse(self, source: str, timeout: float | None = None) -> dict[str, Any]:
        """Return the result of parsing a file with this source."""
        return parse(self.write(source), timeout)

    def parse_dag(self, source: str) -> dict[str, Any]:
        """Return the one DAG that a file with this source defines."""
        result = self.parse(source)
        self.assertIsNone(result["error"])
        self.assertEqual(len(result["dags"]), 1)
        return result["dags"][0]


def _adopt_orphans() -> None:
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Peer:
    """One end of a socket on which a test plays the worker."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.settimeout(DEADLINE_SECONDS)
        self._frames = FrameSocket(connection)
        connection.settimeout(DEADLINE_SECONDS)

    def send(self, frame: Frame, descriptor: int | None = None) -> None:
        """Send a frame, with a copy of `descriptor` if one is given."""
        if descriptor is None:
            self._frames.send(frame)
            return
        # The descriptor travels with a byte of the frame, as with any sender.
        left, right = socket.socketpair()
        with left, right:
            FrameSocket(left).send(frame)
            left.shutdown(socket.SHUT_WR)
            body = b"".join(iter(lambda: right.recv(65536), b""))
        sent = socket.send_fds(self._connection, [body], [descriptor])
        self._connection.sendall(body[sent:])

    def receive(self) -> Frame | None:
        """Return the next frame, None at the end; fails after the deadline."""
        return self._frames.receive()

    def expect_any(self) -> Frame:
        """Return the next frame; fails at the end."""
        frame = self.receive()
        if frame is None:
            raise AssertionError("the other side has closed its socket")
        return frame

    def expect(self, op: str) -> Frame:
        """Return the next frame, which must have this `op`."""
        frame = self.expect_any()
        if frame["op"] != op:
            raise AssertionError(f"expected {op!r}, got {frame!r}")
        return frame

    def close(self) -> None:
        """Close this end."""
        self._frames.close()


class Environment(NamedTuple):
    """An environment: its name and pid, and our end of its socket."""

    name: str
    pid: int
    peer: Peer


class ZygoteTest(FolderTest):
    """Tests with a running zygote, of which they are the worker; one zygote for each class."""

    process: subprocess.Popen[bytes]
    zygote: Peer
    ready: Frame
    _forks = 0
    _kept: dict[str, list[Frame]]

    @classmethod
    def setUpClass(cls) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            cls.process = subprocess.Popen(
                [sys.executable, "-m", "beeflow_worker.zygote", "--fd", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": str(PYTHON_ROOT)},
                stdout=subprocess.DEVNULL,
                preexec_fn=_adopt_orphans,  # as the worker starts it
            )
        cls.zygote = Peer(ours)
        cls._kept = {}
        cls.addClassCleanup(cls.process.wait, DEADLINE_SECONDS)
        cls.addClassCleanup(cls.zygote.close)
        cls.ready = cls.zygote.expect("ready")

    def fork(self, memory_mb: int | None = None, contain: bool = False) -> Environment:
        """Return a new environment."""
        return self.finish_fork(*self.start_fork(memory_mb, contain))

    def start_fork(
        self, memory_mb: int | None = None, contain: bool = False
    ) -> tuple[str, Peer]:
        """Ask for an environment; return its name and our end of its socket."""
        cls = type(self)
        cls._forks += 1
        name = f"e{cls._forks}"
        ours, theirs = socket.socketpair()
        peer = Peer(ours)
        self.addCleanup(peer.close)
        with theirs:
            frame = {
                "op": "fork",
                "environment": name,
                "memory_mb": memory_mb,
                "contain": contain,
            }
            self.zygote.send(frame, theirs.fileno())
        return name, peer

    def finish_fork(self, name: str, peer: Peer) -> Environment:
        """Wait until the environment is there."""
        return Environment(name, self._expect_about(name, "forked")["pid"], peer)

    def expect_exited(self, environment: Environment) -> Frame:
        """Return the zygote's report of the end of an environment."""
        exited = self._expect_about(environment.name, "exited")
        self.assertEqual(exited["pid"], environment.pid)
        return exited

    def _expect_about(self, name: str, op: str) -> Frame:
        """Return the next frame about an environment; those about others are kept for later."""
        while name not in self._kept:
            frame = self.zygote.expect_any()
            self._kept.setdefault(frame["environment"], []).append(frame)
        frame = self._kept[name].pop(0)
        if not self._kept[name]:
            del self._kept[name]
        self.assertEqual(frame["op"], op)
        return frame

    def run_attempt(
        self,
        environment: Environment,
        attempt: dict[str, Any],
        answers: Any = None,
    ) -> tuple[Frame, str]:
        """Run an attempt to its end, answering its requests; return `finished` and the log."""
        with tempfile.TemporaryFile() as log:
            environment.peer.send({"op": "run", "attempt": attempt}, log.fileno())
            finished = self.serve_requests(environment.peer, answers or {})
            log.seek(0)
            return finished, log.read().decode()

    def serve_requests(self, peer: Peer, answers: Any, until: str = "finished") -> Frame:
        """Answer requests until the frame `until` comes.

        Answers are by task id for XComs, or by key; or a function of method and params.
        """
        while (frame := peer.receive()) is not None:
            if frame["op"] != "request":
                self.assertEqual(frame["op"], until)
                return frame
            peer.send({"op": "response", "id": frame["id"], "result": _answer(frame, answers)})
        raise AssertionError("the environment closed its socket before the attempt finished")


def _answer(frame: Frame, answers: Any) -> Any:
    params = frame["params"]
    if callable(answers):
        return answers(frame["method"], params)
    return answers.get(params.get("task_id") or params.get("key") or frame["method"])


def make_attempt(file: str, task_id: str, dag_id: str = "d", **fields: Any) -> dict[str, Any]:
    """Return an attempt as the protocol describes it."""
    return {
        "attempt_id": "0123456789abcdef",
        "dag_id": dag_id,
        "run_id": "manual__2024-01-31T12:00:00+00:00",
        "task_id": task_id,
        "map_index": -1,
        "try_number": 1,
        "max_tries": 0,
        "file": file,
        "version": "v1",
        "queue": "default",
        "run": {"kind": "python"},
        "execution_timeout": None,
        "do_xcom_push": True,
        "log": "x.log",
        "logical_date": "2024-01-31T12:00:00+00:00",
        "data_interval_start": "2024-01-31T00:00:00+00:00",
        "data_interval_end": "2024-01-31T12:00:00+00:00",
        "run_start_date": "2024-01-31T12:00:01+00:00",
        "run_type": "manual",
        "external_trigger": True,
        "conf": {},
        **fields,
    }


def wait_until_gone(pid: int) -> None:
    """Wait until a process has ended; fails after the deadline."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ready, _, _ = select.select([descriptor], [], [], DEADLINE_SECONDS)
        if not ready:
            raise AssertionError(f"process {pid} is still there")
    finally:
        os.close(descriptor)
