"""The environment: a process that has one DAG file loaded and serves its worker, frame by frame."""

from __future__ import annotations

import gc
import json
import logging
import os
import threading
from collections.abc import Iterable
from typing import Any

from airflow import _engine
from airflow.exceptions import AirflowException

from beeflow_worker.attempt import Attempt
from beeflow_worker.frames import Frame, FrameSocket, ProtocolError
from beeflow_worker.importing import ImportedFile, describe_problem, import_dag_file
from beeflow_worker.outcome import EndState, Outcome, unique
from beeflow_worker.output import configure_logging, configure_streams, redirected_output
from beeflow_worker.serialize import Json, serialize_file

logger = logging.getLogger("airflow.task")


class WorkerGone(BaseException):
    """The worker has closed its end: nothing is left to do."""


class WorkerEngine:
    """What a running task asks of the engine, as requests to the worker. Thread-safe."""

    def __init__(self, worker: FrameSocket) -> None:
        self._worker = worker
        self._lock = threading.Lock()
        self._last_id = 0
        self._owner_pid = os.getpid()
        self.skipped: list[str] = []

    def xcom_get(self, *, dag_id: str, run_id: str, task_id: str, map_index: int, key: str) -> Any:
        return self._request(
            "xcom_get",
            {
                "dag_id": dag_id,
                "run_id": run_id,
                "task_id": task_id,
                "map_index": map_index,
                "key": key,
            },
        )

    def variable_get(self, key: str) -> str | None:
        value = self._request("variable_get", {"key": key})
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def skip_tasks(self, task_ids: Iterable[str]) -> None:
        self.skipped.extend(task_ids)

    def _request(self, method: str, params: Json) -> Any:
        if os.getpid() != self._owner_pid:
            raise AirflowException(
                f"{method} was called in a forked process; call it in the process of the task and "
                "hand over the value"
            )
        with self._lock:
            self._last_id += 1
            request_id = self._last_id
            self._worker.send(
                {"op": "request", "id": request_id, "method": method, "params": params}
            )
            response = self._await_response(request_id)
        if "error" in response:
            raise AirflowException(f"{method} failed: {response['error']}")
        return response.get("result")

    def _await_response(self, request_id: int) -> Frame:
        while (frame := self._worker.receive()) is not None:
            # The answer to a request that a timeout interrupted may still arrive.
            if frame["op"] == "response" and frame.get("id") == request_id:
                return frame
            if frame["op"] != "response":
                raise ProtocolError(f"a {frame['op']!r} frame came while an attempt runs")
        raise WorkerGone


class Environment:
    """Serves one DAG file in one version. Single-threaded: one frame after the other."""

    def __init__(self, worker: FrameSocket) -> None:
        self._worker = worker
        self._engine = WorkerEngine(worker)
        self._imported: ImportedFile | None = None
        self._version: str | None = None

    def serve(self) -> None:
        """Serve until the worker closes its end."""
        handlers = {"parse": self._parse, "render": self._render, "run": self._run}
        while (frame := self._worker.receive()) is not None:
            if frame["op"] == "response":
                continue  # late, see WorkerEngine
            imported = self._imported
            if imported is not None and imported.problem is None and imported.has_changed():
                self._worker.send({"op": "stale"})
                return
            handler = handlers.get(frame["op"])
            if handler is None:
                raise ProtocolError(f"an environment cannot serve a {frame['op']!r} frame")
            handler(frame)
            if frame["op"] == "parse":
                return

    def _parse(self, frame: Frame) -> None:
        # No engine is attached: nobody answers requests while a file is only parsed.
        self._worker.send({"op": "parsed", **parse(frame["file"], frame.get("timeout"))})

    def _render(self, frame: Frame) -> None:
        attempt = self._prepare(frame["attempt"])
        if isinstance(attempt, Outcome):
            self._finish(attempt)
            return
        try:
            plan = attempt.render_bash()
        except WorkerGone:
            raise
        except BaseException as error:  # noqa: B902 - templates call user code
            self._finish(attempt.judge_rendering(error))
        else:
            self._worker.send({"op": "rendered", "run": plan})

    def _run(self, frame: Frame) -> None:
        with redirected_output(self._worker.take_descriptor()):
            owner_pid = os.getpid()
            attempt = self._prepare(frame["attempt"])
            outcome = attempt if isinstance(attempt, Outcome) else attempt.run()
            if os.getpid() != owner_pid:
                # User code forked, and the child came back here: it must not answer too.
                os._exit(0 if outcome.state is EndState.SUCCESS else 1)
        self._finish(outcome)

    def _prepare(self, fields: Json) -> Attempt | Outcome:
        """Import the file if need be, and find the task; an Outcome where that fails."""
        self._engine.skipped = []
        _engine.attach(self._engine)
        imported = self._load(fields["file"], fields.get("version"))
        if imported.problem is not None:
            logger.error("Cannot import %s\n%s", imported.file, imported.problem.traceback.rstrip())
            line = f", line {imported.problem.line}" if imported.problem.line else ""
            reason = f"cannot import {imported.file}{line}: {imported.problem.message}"
            return Outcome(EndState.FAILED, reason)
        try:
            return Attempt(fields, imported.dags)
        except LookupError as error:
            logger.error("%s", error.args[0])
            return Outcome(EndState.FAILED, error.args[0])

    def _load(self, file: str, version: str | None) -> ImportedFile:
        if self._imported is not None and self._imported.problem is None:
            if (self._imported.file, self._version) != (os.path.abspath(file), version):
                raise ProtocolError(
                    f"the environment of {self._imported.file} ({self._version}) got an attempt "
                    f"for {file} ({version})"
                )
            return self._imported
        self._imported, self._version = import_dag_file(file), version
        return self._imported

    def _finish(self, outcome: Outcome) -> None:
        if outcome.state is EndState.SUCCESS:
            outcome.skip_tasks = unique(self._engine.skipped)
        try:
            self._worker.send(outcome.as_frame())
        except ProtocolError as error:
            self._worker.send(Outcome(EndState.FAILED, str(error)).as_frame())


def parse(file: str, timeout: float | None) -> Json:
    """Import and serialize a file; whatever is wrong with it ends up in `error`."""
    imported = import_dag_file(file, timeout)
    try:
        return serialize_file(imported)
    except Exception as error:
        imported.dags, imported.problem = {}, describe_problem(error, imported.file)
        return serialize_file(imported)


def run_environment(worker: FrameSocket) -> None:
    """Be an environment until the worker closes its end; called in a freshly forked process."""
    gc.enable()
    configure_streams()
    configure_logging()
    Environment(worker).serve()
