"""What the API serves while runs go on, and what streams of events cost.

    /usr/bin/python3 bench/api_load.py [--rate 500] [--tasks 160]
"""

import argparse
import http.client
import socket
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))
from engine import Engine  # noqa: E402

_CLIENTS = 16
_STREAMS = 100
_EDITS = 100
# What pages and scripts ask, each as often as the others.
_PATHS = ["/api/v1/ui/dags", "/api/v1/ui/dags/{dag}/grid", "/api/v1/ui/dags/{dag}/structure",
          "/api/v1/dags", "/api/v1/dags/{dag}/dagRuns", "/api/v1/pools", "/health"]


class Load:
    """Requests at a steady rate, however long the answers take, from several clients."""

    def __init__(self, port, dag_id, rate):
        self.seconds = []
        self.failed = 0
        self._port, self._rate = port, rate
        self._paths = [path.format(dag=dag_id) for path in _PATHS]
        self._lock = threading.Lock()
        self._next = 0
        self._begin = time.monotonic()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(_CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while not self._ended.is_set():
            with self._lock:
                number, self._next = self._next, self._next + 1
            due = self._begin + number / self._rate
            if self._ended.wait(max(0, due - time.monotonic())):
                break
            connection.request("GET", self._paths[number % len(self._paths)])
            answer = connection.getresponse()
            answer.read()
            with self._lock:
                self.seconds.append(time.monotonic() - due)  # waiting for a client counts
                self.failed += answer.status != 200

    def end(self):
        """Stops it, and returns (requests per second, median and 99th percentile in ms)."""
        self._ended.set()
        for thread in self._threads:
            thread.join()
        took = sorted(self.seconds)
        return (len(took) / (time.monotonic() - self._begin), 1e3 * statistics.median(took),
                1e3 * took[int(len(took) * 0.99)])


def pss_kb(pid):
    """The proportional set size of a process."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def open_stream(port):
    """A client of the stream of events, which has begun."""
    client = socket.create_connection(("127.0.0.1", port), timeout=60)
    client.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    heard = b""
    while b"beat" not in heard:
        part = client.recv(65536)
        if not part:
            raise AssertionError(f"the stream of events ended: {heard.decode()}")
        heard += part
    return client


def bench_streams(engine, table):
    """Memory of the streams, and the time from a commit by another program to its event."""
    open_stream(engine.port).close()  # what the first one loads is not counted
    before = pss_kb(engine.server.pid)
    clients = [open_stream(engine.port) for _ in range(_STREAMS)]
    table(f"memory of {_STREAMS} event streams, MB",
          (pss_kb(engine.server.pid) - before) / 1024)
    spent = []
    for number in range(_EDITS):
        key = f"key_{number}"
        engine.edit("INSERT INTO variable (key, val) VALUES (?, 'x')", key)
        committed = time.monotonic()
        heard = b""
        while key.encode() not in heard:
            heard += clients[0].recv(65536)
        spent.append(1e3 * (time.monotonic() - committed))
    spent.sort()
    table("commit of another program to its event, median ms", statistics.median(spent))
    table("commit of another program to its event, p99 ms", spent[int(len(spent) * 0.99)])
    for client in clients:
        client.close()


def makespan(engine, dag_id, run_id):
    """Seconds from before a run is asked for until its end can be read."""
    begin = time.monotonic()
    engine.trigger(dag_id, run_id)
    state = engine.wait_run(dag_id, run_id)
    if state != "success":
        raise AssertionError(f"run {run_id} is {state}{engine.describe()}")
    return time.monotonic() - begin


def main():
    """Prints one line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=500, help="requests per second")
    parser.add_argument("--tasks", type=int, default=160, help="tasks that sleep")
    options = parser.parse_args()

    def table(name, value):
        print(f"{name:60} {value:10.2f}", flush=True)
    dag_id = f"sleep_{options.tasks}"
    engine = Engine({"core.max_active_tasks_per_dag": 100_000})
    try:
        engine.write_dag(dag_id, f"""
            first = BashOperator(task_id="first", bash_command="true")
            for i in range({options.tasks}):
                first >> BashOperator(task_id=f"sleep_{{i}}", bash_command="sleep 10")
        """)
        engine.start()
        engine.wait_dag(dag_id)
        makespan(engine, dag_id, "warms_up")
        name = f"makespan of 10s_{options.tasks}t, s"
        table(name, makespan(engine, dag_id, "alone"))
        load = Load(engine.port, dag_id, options.rate)
        table(f"{name}, under load", makespan(engine, dag_id, "under_load"))
        rate, median, p99 = load.end()
        table("requests per second", rate)
        table("of these failed", load.failed)
        table("time of a request, median ms", median)
        table("time of a request, p99 ms", p99)
        bench_streams(engine, table)
    finally:
        engine.close()


if __name__ == "__main__":
    main()
