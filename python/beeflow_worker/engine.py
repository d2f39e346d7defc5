"""The engine as running tasks reach it: requests to the worker, and its answers."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from airflow import _json
from airflow.exceptions import AirflowException
from airflow.utils.log import secrets_masker

from beeflow_worker.frames import Frame, FrameSocket, ProtocolError


class WorkerGone(BaseException):
    """The worker has closed its end: nothing is left to do."""


class RequestingEngine:
    """Turns what authoring code asks for into requests. Values of XComs may be other than JSON."""

    def xcom_get(self, *, dag_id: str, run_id: str, task_id: str, map_index: int, key: str) -> Any:
        return self.request(
            "xcom_get",
            dag_id=dag_id,
            run_id=run_id,
            task_id=task_id,
            map_index=map_index,
            key=key,
        )

    def variable_get(self, key: str) -> str | None:
        value = self.request("variable_get", key=key)
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def request(self, method: str, **params: Any) -> Any:
        """Ask and wait; AirflowException with the engine's words where it answers with an error."""
        if "value" in params and method == "xcom_set":
            params["value"] = _json.encode(params["value"])
        response = self.exchange(method, params)
        if "error" in response and response["error"] is not None:
            raise AirflowException(f"{method} failed: {response['error']}")
        result = response.get("result")
        return _json.decode(result) if method.startswith("xcom_get") else result

    def exchange(self, method: str, params: dict[str, Any]) -> Frame:
        """Send a request and return the response."""
        raise NotImplementedError


class WorkerEngine(RequestingEngine):
    """What the one task that runs in an environment asks. Thread-safe."""

    def __init__(self, worker: FrameSocket) -> None:
        self._worker = worker
        self._lock = threading.Lock()
        self._last_id = 0
        self._owner_pid = os.getpid()
        self.skipped: list[str] = []

    @contextlib.contextmanager
    def told_secrets(self) -> Iterator[None]:
        """Within the block the worker learns of each secret before the task does, and masks it in
        what other programs print into the output of the task."""
        masker = secrets_masker._secrets_masker()
        if known := secrets_masker.known_secrets():
            self._tell_secrets(known)
        masker.tell = self._tell_secrets
        try:
            yield
        finally:
            masker.tell = None

    def _tell_secrets(self, secrets: list[str]) -> None:
        if os.getpid() == self._owner_pid:  # a forked process has no connection of its own
            self.request("mask", secrets=secrets)

    def skip_tasks(self, task_ids: Iterable[str]) -> None:
        self.skipped.extend(task_ids)

    def exchange(self, method: str, params: dict[str, Any]) -> Frame:
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
            return self._await_response(request_id)

    def _await_response(self, request_id: int) -> Frame:
        while (frame := self._worker.receive()) is not None:
            # The answer to a request that a timeout interrupted may still arrive.
            if frame["op"] == "response" and frame.get("id") == request_id:
                return frame
            if frame["op"] != "response":
                raise ProtocolError(f"a {frame['op']!r} frame came while an attempt runs")
        raise WorkerGone
