"""The trigger process: the triggers of all deferred task instances in one event loop.

The main thread serves the socket; the loop has a thread of its own. So a trigger that blocks the
loop delays other triggers, but the answers to requests still arrive, and frames are still taken.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import importlib
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from airflow import _engine, _json
from airflow.exceptions import AirflowException
from airflow.models.xcom_limit import check_xcom_size
from airflow.utils.log.secrets_masker import redact

from beeflow_worker.engine import RequestingEngine, WorkerGone
from beeflow_worker.frames import Frame, FrameSocket, ProtocolError
from beeflow_worker.importing import DAG_MODULE_PREFIX, extend_search_path, format_user_traceback

logger = logging.getLogger("airflow.triggers")

_SLOW_SECONDS = 0.5
_current_attempt: contextvars.ContextVar[str | None] = contextvars.ContextVar(
    "current_attempt", default=None
)


class TriggerLogHandler(logging.Handler):
    """Sends what a trigger logs to the log of its attempt; what nobody's is, to `other`."""

    def __init__(self, send: Callable[[Frame], None], other: logging.Handler) -> None:
        super().__init__()
        self._send = send
        self._other = other
        self.setFormatter(other.formatter)

    def emit(self, record: logging.LogRecord) -> None:
        attempt_id = _current_attempt.get()
        if attempt_id is None:
            self._other.handle(record)
            return
        try:
            text = redact(self.format(record))
        except Exception:
            self.handleError(record)
            return
        self._send({"op": "log", "attempt_id": attempt_id, "text": text})


class TriggerEngine(RequestingEngine):
    """Requests of triggers, from any thread; the main thread hands over the answers."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self._ids = itertools.count(1)
        self._waiting: dict[int, tuple[threading.Event, list[Frame]]] = {}
        self.any_attempt: str | None = None

    def skip_tasks(self, task_ids: Iterable[str]) -> None:
        raise AirflowException("a trigger cannot skip tasks; do that in the operator")

    def exchange(self, method: str, params: dict[str, Any]) -> Frame:
        request_id, answered = next(self._ids), threading.Event()
        answers: list[Frame] = []
        self._waiting[request_id] = answered, answers
        self._send(
            {
                "op": "request",
                "id": request_id,
                # A thread that did not inherit the context asks for whatever trigger runs.
                "attempt_id": _current_attempt.get() or self.any_attempt,
                "method": method,
                "params": params,
            }
        )
        answered.wait()
        if not answers:
            raise WorkerGone
        return answers[0]

    def take_response(self, frame: Frame) -> None:
        """Hand over an answer to the thread that waits for it."""
        waiting = self._waiting.pop(frame["id"], None)
        if waiting is not None:
            answered, answers = waiting
            answers.append(frame)
            answered.set()

    def close(self) -> None:
        """Let every thread that waits know that no answer will come."""
        for answered, _ in list(self._waiting.values()):
            answered.set()


class TriggerProcess:
    """Runs triggers and reports their first events."""

    def __init__(self, worker: FrameSocket) -> None:
        self._worker = worker
        self._sending = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.engine = TriggerEngine(self._send)

    def serve(self) -> None:
        """Serve until the worker closes its end."""
        root = logging.getLogger()
        root.handlers[:] = [TriggerLogHandler(self._send, handler) for handler in root.handlers]
        thread = threading.Thread(target=self._run_loop, name="triggers", daemon=True)
        thread.start()
        while (frame := self._worker.receive()) is not None:
            self._take(frame)
        self.engine.close()

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _take(self, frame: Frame) -> None:
        op = frame["op"]
        if op == "response":
            self.engine.take_response(frame)
        elif op == "trigger":
            self._loop.call_soon_threadsafe(self._start, frame)
        elif op == "untrigger":
            self._loop.call_soon_threadsafe(self._cancel, frame["attempt_id"])
        else:
            raise ProtocolError(f"the trigger process cannot serve a {op!r} frame")

    def _send(self, frame: Frame) -> None:
        with self._sending, contextlib.suppress(OSError):  # a worker that is gone needs no report
            self._worker.send(frame)

    def _start(self, frame: Frame) -> None:
        attempt_id = frame["attempt_id"]
        if attempt_id not in self._tasks:  # a repeated frame is the same trigger
            task = self._loop.create_task(self._watch(frame), name=attempt_id)
            self._tasks[attempt_id] = task

    def _cancel(self, attempt_id: str) -> None:
        task = self._tasks.pop(attempt_id, None)
        if task is not None:
            task.cancel()

    async def _watch(self, frame: Frame) -> None:
        """Run one trigger to its first event, and report that or its failure."""
        attempt_id = frame["attempt_id"]
        _current_attempt.set(attempt_id)
        self.engine.any_attempt = attempt_id
        try:
            report = await self._first_event(frame)
        except asyncio.CancelledError:
            if self._tasks.get(attempt_id) is not asyncio.current_task():
                return  # untriggered: nobody waits for an answer
            report = _failure("the trigger was cancelled")
        except BaseException as error:  # noqa: B902 - a trigger is user code
            report = _failure(format_user_traceback(error))
        self._tasks.pop(attempt_id, None)
        self._send({**report, "attempt_id": attempt_id})

    async def _first_event(self, frame: Frame) -> Frame:
        trigger = _create_trigger(frame)
        events = trigger.run()
        try:
            async for event in events:
                return _describe(event)
            return _failure("the trigger exited without sending an event")
        finally:
            with contextlib.suppress(Exception):
                await events.aclose()
            with contextlib.suppress(Exception):
                await trigger.cleanup()


def _create_trigger(frame: Frame) -> Any:
    for folder in frame.get("paths") or ():
        extend_search_path(os.path.join(folder, ""))
    classpath = frame["trigger"]["classpath"]
    module, _, name = classpath.rpartition(".")
    if module.startswith(DAG_MODULE_PREFIX):
        raise AirflowException(
            f"trigger {name} is defined in a DAG file; move it to a module of its own, which the "
            "DAG file imports"
        )
    started = time.perf_counter()
    try:
        trigger_class = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise AirflowException(f"cannot import trigger {classpath}: {error}") from None
    trigger = trigger_class(**_json.decode(frame["trigger"].get("kwargs") or {}))
    trigger.trigger_id = frame["attempt_id"]
    seconds = time.perf_counter() - started
    if seconds > _SLOW_SECONDS:
        logger.warning("Creating trigger %s blocked all others for %.1f s", classpath, seconds)
    return trigger


def _describe(event: Any) -> Frame:
    state = getattr(event, "task_instance_state", None)
    frame: Frame = {"op": "fired", "event": _json.encode(event.payload)}
    if state is not None:
        frame["end_state"] = str(getattr(state, "value", state))
        frame["xcoms"] = _json.encode(dict(event.xcoms or {}))
        for key, value in frame["xcoms"].items():
            check_xcom_size(key, value, "that waited for this trigger")
    return frame


def _failure(text: str) -> Frame:
    return {"op": "trigger_failed", "error": text.strip()}


def serve_triggers(worker: FrameSocket) -> None:
    """Be the trigger process until the worker closes its end; does not return then."""
    process = TriggerProcess(worker)
    _engine.attach(process.engine)
    process.serve()
    os._exit(0)  # threads that block must not hold the process
