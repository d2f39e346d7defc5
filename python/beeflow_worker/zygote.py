"""The zygote: imports the authoring API once, then forks environments on request.

`python3 -m beeflow_worker.zygote --fd N` serves its worker on the inherited socket N. It stays
single-threaded and small; user code runs only in the environments.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn

from beeflow_worker.frames import Frame, FrameSocket, ProtocolError

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_MIB = 1024 * 1024
# What nearly every environment needs, the first one too.
_NEEDED = (
    "airflow.models.dag",
    "airflow.operators.python",
    "airflow.operators.bash",
    "beeflow_worker.environment",
)
# What many DAG files or tasks need: loaded by and by, so that nothing waits for it.
_LIKELY = (
    "airflow.operators.empty",
    "airflow.decorators",
    "airflow.template.environment",
    "airflow.macros",
    "airflow.utils.dates",
    "airflow.models.variable",
    "airflow.operators.branch",
    "airflow.sensors.base",
    "airflow.utils.task_group",
    "airflow.utils.trigger_rule",
)
# Without a request for this long, the zygote goes on loading. A worker that was waiting for the
# zygote asks well within it.
_QUIET_MS = 5
_ROUNDS_BETWEEN = 10  # steps of loading, where there are always requests
# Far more than a DAG file starts when it is imported, far less than a machine has room for.
_IMPORT_PROCESSES_MAX = 256
# How often those of imports are counted; a fork bomb starts a few hundred in this time.
_WATCH_MS = 100
_END = object()
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class _Environment:
    name: str
    contained: bool  # it only imports
    reason: str | None = None  # why we have ended it


class Zygote:
    """Forks environments, reports their ends, and takes them along when the worker goes."""

    def __init__(self, worker: FrameSocket) -> None:
        self._worker = worker
        self._environments: dict[int, _Environment] = {}  # by pid
        self._pid = os.getpid()
        self._watched = time.monotonic()
        self._wake_reader, self._wake_writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda signum, frame: None)

    def serve(self) -> None:
        """Serve until the worker closes its end, then end all environments."""
        poll = select.poll()
        poll.register(self._worker.fileno(), select.POLLIN)
        poll.register(self._wake_reader, select.POLLIN)
        loading: Iterator[None] | None = _load_likely()
        busy_rounds = 0
        try:
            while True:
                timeout_ms = _QUIET_MS if loading else self._watch_ms()
                ready = {descriptor for descriptor, _ in poll.poll(timeout_ms)}
                busy_rounds = busy_rounds + 1 if ready else 0
                if loading and busy_rounds % _ROUNDS_BETWEEN == 0 and next(loading, _END) is _END:
                    loading = None
                self._watch_contained()
                if self._wake_reader in ready:
                    self._drain_wake_pipe()
                    self._report_ended()
                if self._worker.fileno() in ready and not self._serve_worker():
                    return
        except ConnectionError:
            return
        finally:
            self._kill_all()

    def _serve_worker(self) -> bool:
        """Serve what the worker has sent; False when it has closed its end."""
        if not self._worker.read_available():
            return False
        while (frame := self._worker.take_received()) is not None:
            if frame["op"] != "fork":
                raise ProtocolError(f"the zygote cannot serve a {frame['op']!r} frame")
            self._fork(frame, self._worker.take_descriptor())
        return True

    def _fork(self, frame: Frame, descriptor: int) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_environment(descriptor, frame)
        os.close(descriptor)
        self._environments[pid] = _Environment(frame["environment"], frame.get("contain", False))
        self._worker.send({"op": "forked", "environment": frame["environment"], "pid": pid})

    def _become_environment(self, descriptor: int, frame: Frame) -> NoReturn:
        """Go on as an environment, in the child process; never returns to the zygote's code."""
        from beeflow_worker.engine import WorkerGone
        from beeflow_worker.environment import run_environment

        status = 1
        try:
            _detach(self._pid, descriptor, frame)
            if frame.get("contain"):
                _discard_output()
            run_environment(FrameSocket.from_descriptor(descriptor))
            status = 0
        except (WorkerGone, ConnectionError):
            status = 0
        except BaseException:  # noqa: B902 - nothing may unwind into the zygote
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _drain_wake_pipe(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._wake_reader, 512):
                pass

    def _report_ended(self) -> None:
        while (ended := _peek_ended_child()) is not None:
            if ended not in self._environments:
                os.waitpid(ended, 0)  # of an environment that has ended itself
                continue
            # Before the pid is free for reuse: nothing of its group may outlive an environment.
            _kill_group(ended)
            pid, status, usage = os.wait4(ended, 0)
            environment = self._environments.pop(pid)
            exited = {
                "op": "exited",
                "environment": environment.name,
                "pid": pid,
                "status": status,
                "max_rss_kb": usage.ru_maxrss,
                "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 6),
            }
            if environment.reason:
                exited["reason"] = environment.reason
            self._worker.send(exited)
        self._kill_strays()

    def _watch_ms(self) -> int | None:
        """Return how long to wait for events: not long where an import may start processes."""
        return _WATCH_MS if any(e.contained for e in self._environments.values()) else None

    def _watch_contained(self) -> None:
        """End the environments that start too many processes while they only import."""
        now = time.monotonic()
        if now - self._watched < _WATCH_MS / 1000:
            return
        self._watched = now
        for pid, environment in self._environments.items():
            if environment.contained and _has_more_descendants(pid, _IMPORT_PROCESSES_MAX):
                environment.reason = f"it started more than {_IMPORT_PROCESSES_MAX} processes"
                _kill_group(pid)  # all at once: what is killed one by one can fork meanwhile

    def _kill_strays(self) -> None:
        """Kill what was started in environments that have ended, whatever group it is in now.

        An environment adopts what makes itself independent of it; once it has ended, we do.
        """
        for pid in _children_of(os.getpid()):
            if pid not in self._environments:
                _kill_tree(pid)

    def _kill_all(self) -> None:
        for pid in self._environments:
            _kill_group(pid)
            os.kill(pid, signal.SIGKILL)  # it may not have reached its own group yet


def _peek_ended_child() -> int | None:
    """Return the pid of a child that has ended, without taking its status; None if none has."""
    try:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return None if ended is None else ended.si_pid


def _children_of(pid: int) -> list[int]:
    """Return the children of a process, of whichever thread."""
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found.extend(map(int, file.read().split()))
    return found


def _descendants_of(pid: int) -> Iterator[int]:
    """Yield each descendant before its own children are looked for."""
    parents = [pid]
    while parents:
        for child in _children_of(parents.pop()):
            yield child
            parents.append(child)


def _has_more_descendants(pid: int, limit: int) -> bool:
    return sum(1 for _ in islice(_descendants_of(pid), limit + 1)) > limit


def _kill_tree(pid: int) -> None:
    _signal(pid, signal.SIGSTOP)  # it cannot fork behind our back while we go down
    found = [pid]
    for descendant in _descendants_of(pid):
        _signal(descendant, signal.SIGSTOP)
        found.append(descendant)
    for each in found:
        _signal(each, signal.SIGKILL)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _detach(zygote_pid: int, descriptor: int, frame: Frame) -> None:
    """Give up everything of the zygote but its imports and the standard streams."""
    os.setsid()
    _die_with_parent(zygote_pid)
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)  # what is started here stays below us
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    _close_all_but_streams_and(descriptor)
    for path in frame.get("entry_files", ()):
        with open(path, "wb", 0) as file:
            file.write(b"0")  # enter the control group
    memory_mb = frame.get("memory_mb")
    if memory_mb is not None:
        limit = memory_mb * _MIB
        # What a process really takes; RLIMIT_AS would also count address space merely reserved.
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _die_with_parent(parent_pid: int) -> None:
    if _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent_pid:
        os._exit(1)  # the parent was gone before the call


def _discard_output() -> None:
    """Send what is printed nowhere: nobody reads it, and it may come without end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.close(null)


def _close_all_but_streams_and(descriptor: int) -> None:
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))


def _load_needed() -> None:
    """Import what nearly every environment needs, so that the forks share it."""
    gc.disable()  # nothing of what is imported is garbage, and the zygote makes little
    for module in _NEEDED:
        importlib.import_module(module)
    gc.freeze()  # keeps the collectors of the forks from copying what they share


def _load_likely() -> Iterator[None]:
    """Import what later environments are likely to need, a step at a time."""
    for module in _LIKELY:
        importlib.import_module(module)
        gc.freeze()
        yield
    _rehearse()
    gc.freeze()


def _rehearse() -> None:
    """Render a template: that loads and compiles what Jinja2 needs for the first one."""
    from airflow.template.environment import create_environment

    create_environment().from_string("{{ ds }}").render(ds="2024-01-31")


def settle() -> None:
    """Undo what the worker's process may have left: blocked signals, its folder, its stdin."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the worker's to handle
    if sys.path and sys.path[0] == os.getcwd():
        del sys.path[0]  # put there by `python3 -m`; modules of that folder must not shadow others
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)


def read_descriptor(argv: list[str]) -> int:
    """Return N of `--fd N`. argparse would take a tenth of the start."""
    if len(argv) != 3 or argv[1] != "--fd" or not argv[2].isdigit():
        sys.exit(f"usage: {argv[0]} --fd N (of the worker's socket)")
    return int(argv[2])


def main() -> None:
    """Serve the worker on the descriptor given by `--fd`."""
    started = time.perf_counter()
    worker = FrameSocket.from_descriptor(read_descriptor(sys.argv))
    settle()
    _load_needed()
    zygote = Zygote(worker)
    seconds = round(time.perf_counter() - started, 6)
    worker.send({"op": "ready", "pid": os.getpid(), "seconds": seconds})
    zygote.serve()


if __name__ == "__main__":
    main()
