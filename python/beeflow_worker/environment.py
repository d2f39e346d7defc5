"""The environment: a process that has one DAG file loaded and serves its worker, frame by frame."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import time
from collections.abc import Callable

from airflow import _engine
from airflow._dag_words import has_dag_words
from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.models.dag import DAG
from airflow.utils.log.secrets_masker import known_secrets, redact

from beeflow_worker.attempt import Attempt
from beeflow_worker.connection_check import check_connection
from beeflow_worker.dag_requests import call_dag_back, find_manual_interval, find_next_run
from beeflow_worker.engine import WorkerEngine, WorkerGone
from beeflow_worker.frames import Frame, FrameSocket, ProtocolError
from beeflow_worker.importing import (
    ImportedFile,
    describe_problem,
    format_user_traceback,
    import_dag_file,
)
from beeflow_worker.outcome import EndState, Outcome, unique
from beeflow_worker.output import (
    CapturedOutput,
    configure_logging,
    configure_streams,
    redirected_output,
)
from beeflow_worker.packaged import SUFFIX
from beeflow_worker.serialize import Json, serialize_file
from beeflow_worker.usage import UsageMeter

logger = logging.getLogger("airflow.task")


class Environment:
    """Serves one DAG file in one version. Single-threaded: one frame after the other."""

    def __init__(self, worker: FrameSocket) -> None:
        self._worker = worker
        self._engine = WorkerEngine(worker)
        self._imported: ImportedFile | None = None
        self._version: str | None = None

    def serve(self) -> None:
        """Serve until the worker closes its end, or until the environment has done its one job."""
        handlers: dict[str, Callable[[Frame], None]] = {
            "parse": self._parse,
            "render": self._render,
            "run": self._run,
            "dag_callback": self._call_back,
            "next_run": self._next_run,
            "manual_interval": self._manual_interval,
            "rendered_fields": self._show_rendered,
            "extra_links": self._show_links,
            "test_connection": self._test_connection,
            "triggers": self._become_trigger_process,
        }
        while (frame := self._worker.receive()) is not None:
            if frame["op"] == "response":
                continue  # late, see WorkerEngine
            if self._is_stale():
                self._worker.send({"op": "stale"})
                return
            handler = handlers.get(frame["op"])
            if handler is None:
                raise ProtocolError(f"an environment cannot serve a {frame['op']!r} frame")
            handler(frame)
            if frame["op"] in ("parse", "triggers"):
                return

    def _is_stale(self) -> bool:
        imported = self._imported
        return imported is not None and imported.problem is None and imported.has_changed()

    def _parse(self, frame: Frame) -> None:
        _engine.attach(self._engine)
        owner_pid = os.getpid()
        file = frame["file"]
        if is_dag_file(file):
            result = parse(file, frame.get("timeout"))
        else:
            result = serialize_file(ImportedFile(os.path.abspath(file)))
        if os.getpid() != owner_pid:
            os._exit(0)  # the file forked, and the child came back here: it must not answer too
        self._worker.send({"op": "parsed", **result})

    def _become_trigger_process(self, frame: Frame) -> None:
        from beeflow_worker.triggers import serve_triggers  # asyncio is too slow to preload

        serve_triggers(self._worker)

    def _call_back(self, frame: Frame) -> None:
        fields = frame["callback"]
        answer: Json = {"op": "called_back", "error": None}
        with CapturedOutput() as output:
            try:
                answer.update(call_dag_back(self._find_dag(fields), fields))
            except WorkerGone:
                raise
            except BaseException as problem:  # noqa: B902 - a callback is user code
                answer["error"] = format_user_traceback(problem)
        answer["output"] = text = redact(output.text)
        if answer["error"]:
            answer["error"] = f"{text}{answer['error']}"
        self._worker.send(answer)

    def _next_run(self, frame: Frame) -> None:
        self._ask_timetable(frame, find_next_run, {"info": None})

    def _manual_interval(self, frame: Frame) -> None:
        self._ask_timetable(frame, find_manual_interval, {"start": None, "end": None})

    def _show_rendered(self, frame: Frame) -> None:
        self._show(frame, "fields", lambda attempt: attempt.render_all())

    def _show_links(self, frame: Frame) -> None:
        self._show(frame, "links", lambda attempt: attempt.find_links())

    def _show(self, frame: Frame, name: str, find: Callable[[Attempt], list[Any]]) -> None:
        found: list[Any] = []
        error: str | None = None
        attempt = self._prepare(frame["attempt"])
        if isinstance(attempt, Outcome):
            error = attempt.traceback or attempt.reason
        else:
            try:
                found = find(attempt)
            except WorkerGone:
                raise
            except BaseException as problem:  # noqa: B902 - templates call user code
                error = format_user_traceback(problem)
        self._worker.send({"op": frame["op"], name: found, "error": redact(error)})

    def _test_connection(self, frame: Frame) -> None:
        _engine.attach(self._engine)
        works, message = check_connection(frame["conn_id"], frame.get("uri"))
        self._worker.send({"op": frame["op"], "works": works, "message": redact(message)})

    def _ask_timetable(
        self, frame: Frame, ask: Callable[[DAG, Frame], Json], nothing: Json
    ) -> None:
        answer: Json = {"op": frame["op"], **nothing, "error": None}
        try:
            answer.update(ask(self._find_dag(frame), frame))
        except WorkerGone:
            raise
        except BaseException as problem:  # noqa: B902 - a timetable is user code
            answer["error"] = format_user_traceback(problem)
        self._worker.send(answer)

    def _find_dag(self, fields: Json) -> DAG:
        _engine.attach(self._engine)
        imported = self._load(fields["file"], fields.get("version"))
        if imported.problem is not None:
            raise AirflowException(f"cannot import {imported.file}: {imported.problem.message}")
        dag = imported.dags.get(fields["dag_id"])
        if dag is None:
            raise AirflowException(f"{imported.file} no longer defines DAG {fields['dag_id']!r}")
        return dag

    def _render(self, frame: Frame) -> None:
        attempt = self._prepare(frame["attempt"])
        if isinstance(attempt, Outcome):
            self._finish(attempt)
            return
        try:
            plan = attempt.render_plan()
        except WorkerGone:
            raise
        except BaseException as error:  # noqa: B902 - templates call user code
            self._finish(attempt.judge_rendering(error))
        else:
            more: Json = {}
            if attempt.pushed:
                more["xcoms"] = attempt.pushed
            if secrets := known_secrets():
                more["secrets"] = secrets
            self._worker.send({"op": "rendered", "run": plan, **more})

    def _run(self, frame: Frame) -> None:
        with redirected_output(self._worker.take_descriptor()), self._engine.told_secrets():
            owner_pid = os.getpid()
            meter = UsageMeter()
            attempt = self._prepare(frame["attempt"])
            began = time.time_ns() // 1000
            outcome = attempt if isinstance(attempt, Outcome) else attempt.run()
            if os.getpid() != owner_pid:
                # User code forked, and the child came back here: it must not answer too.
                os._exit(0 if outcome.state is EndState.SUCCESS else 1)
        _reap_ended_children()
        self._finish(outcome, {"began": began, "usage": meter.read()})

    def _prepare(self, fields: Json) -> Attempt | Outcome:
        """Import the file if need be, and find the task; an Outcome where that fails."""
        self._engine.skipped = []
        _engine.attach(self._engine)
        if folder := fields.get("dags_folder"):  # a copy, on a host that is not the server's
            os.environ["BEEFLOW__CORE__DAGS_FOLDER"] = folder
        imported = self._load(fields["file"], fields.get("version"))
        if imported.problem is not None:
            logger.error("Cannot import %s\n%s", imported.file, imported.problem.traceback.rstrip())
            line = f", line {imported.problem.line}" if imported.problem.line else ""
            reason = f"cannot import {imported.file}{line}: {imported.problem.message}"
            return Outcome(EndState.FAILED, reason, traceback=imported.problem.traceback)
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

    def _finish(self, outcome: Outcome, measured: Json | None = None) -> None:
        if outcome.state in (EndState.SUCCESS, EndState.DEFERRED):
            outcome.skip_tasks = unique(self._engine.skipped)
        outcome.reason = redact(outcome.reason)
        outcome.traceback = redact(outcome.traceback)
        try:
            self._worker.send({**outcome.as_frame(), **(measured or {})})
        except ProtocolError as error:
            self._worker.send(Outcome(EndState.FAILED, str(error)).as_frame())


def _reap_ended_children() -> None:
    """Forget the children that have ended: only those that run on tell that we are not clean."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def is_dag_file(file: str) -> bool:
    """Tell whether a file is to be imported: not a helper or a script that lies among DAG files."""
    if file.endswith(SUFFIX) or not conf.getboolean("core", "dag_discovery_safe_mode"):
        return True
    try:
        return has_dag_words(file)
    except OSError:
        return True  # the import tells what is wrong


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
