"""The figures of PostgreSQL as the database and of workers that NATS connects to the server; for
bench.py."""

import contextlib
import datetime
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))
from engine import Engine  # noqa: E402
from load import LIMITS_OFF  # noqa: E402
from metadata import PostgresDatabase, PostgresServer  # noqa: E402
from nats_cluster import NatsServer, NatsWorker  # noqa: E402

_SLOTS = 4
_INSERT = ("INSERT INTO dag_run (dag_id, run_id, execution_date, queued_at) VALUES (?, ?, ?, ?)")


class RawClient:
    """The least that NATS takes: its own protocol on a socket."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = self._socket.makefile("rb")
        self._lines.readline()
        self._send('CONNECT {"verbose":false,"headers":true}\r\nSUB bench.reply 1\r\n')

    def _send(self, text):
        self._socket.sendall(text.encode())

    def request(self, subject, data):
        """Publishes, waits for the answer and returns it."""
        self._send(f"PUB {subject} bench.reply {len(data)}\r\n{data}\r\n")
        while not (line := self._lines.readline()).startswith(b"MSG"):
            pass
        answer = self._lines.read(int(line.split()[-1]) + 2)
        return json.loads(answer)

    def close(self):
        """Ends the connection."""
        self._lines.close()
        self._socket.close()


def bench_publish(server, times):
    """The median time to publish to a stream, and to hear that it is stored."""
    client = RawClient(server.port)
    try:
        client.request("$JS.API.STREAM.CREATE.BENCH", json.dumps(
            {"name": "BENCH", "subjects": ["bench.data"], "storage": "file",
             "retention": "workqueue"}))
        samples = []
        for _ in range(times):
            started = time.perf_counter()
            client.request("bench.data", "0123456789abcdef")
            samples.append(1e3 * (time.perf_counter() - started))
        client.request("$JS.API.STREAM.DELETE.BENCH", "")
        return statistics.median(samples)
    finally:
        client.close()


def bench_commit(server, times):
    """What pgbench takes for a transaction that inserts a row, on average, in milliseconds."""
    server.sql("CREATE TABLE bench (word text)")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write("INSERT INTO bench VALUES ('0123456789abcdef');\n")
        script.flush()
        program, = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))[-1:]
        done = subprocess.run([program, "-n", "-t", str(times), "-f", script.name, server.url()],
                              check=True, capture_output=True, text=True)
    return float(re.search(r"latency average = ([\d.]+) ms", done.stdout).group(1))


def bench_scale_out(table, limits, length, count, tools):
    """`tools`: bench.py with its complete, chain_hops, median_rate, seconds, CHAIN and TASKS."""
    with contextlib.ExitStack() as stack:
        nats = NatsServer()
        stack.callback(nats.close)
        postgres = PostgresServer("fsync=on")
        stack.callback(postgres.close)
        publish = bench_publish(nats, 200)
        commit = bench_commit(postgres, 500)
        table.add("limit: NATS publish with ack, median", publish, "ms")
        table.add("limit: pgbench, commit of a row, average", commit, "ms")
        for name, database in (("SQLite", None), ("PostgreSQL", PostgresDatabase(postgres))):
            bench_feed(table, name, database, 2 * length, tools)
        least = {"NATS": limits["sync"] + 2 * publish, "PostgreSQL": commit,
                 "PostgreSQL and NATS": commit + 2 * publish}
        bench_workers(table, "NATS", least, nats, None, length, count, limits, tools)
        bench_local(table, least, PostgresDatabase(postgres), length, tools)
        bench_workers(table, "PostgreSQL and NATS", least, nats, PostgresDatabase(postgres),
                      length, count, limits, tools)
        bench_connections(table, PostgresDatabase(postgres), 10 * length, tools)
        bench_fail_over(table, PostgresDatabase(postgres), 5, tools)


def bench_feed(table, name, database, times, tools):
    """From the return of another program's commit to the moment at which the server, having heard
    of it, decides what follows."""
    engine = Engine(LIMITS_OFF, database)
    try:
        engine.write_dag("feed", tools.TASKS["Empty"].format(i=0).replace("f't{i}'", "'t'"))
        engine.start()
        tools.complete(engine, "feed", "warm-up")
        returned = {}
        for i in range(times):
            now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
            engine.metadata.execute(engine.connection, _INSERT, ("feed", f"r{i}", now, now))
            returned[f"r{i}"] = time.time()
            engine.wait_run("feed", f"r{i}")
        begun = {row["run_id"]: tools.seconds(row["start_date"])
                 for row in engine.rows("SELECT run_id, start_date FROM dag_run")}
        waits = sorted(1e3 * max(0.0, begun[run_id] - moment)
                       for run_id, moment in returned.items())
        table.add(f"commit to event, {name}, median", statistics.median(waits), "ms", None, 2)
        table.add(f"commit to event, {name}, p99", waits[int(len(waits) * 0.99)], "ms")
    finally:
        engine.close()


def write_dags(engine, length, count, tools):
    for name in ("Bash", "Python"):
        engine.write_dag(f"chain_{name}", tools.CHAIN.format(n=length, task=tools.TASKS[name]))
    engine.write_dag("many", f"for i in range({count}):\n    {tools.TASKS['Bash']}\n",
                     max_active_tasks=100_000)


def bench_local(table, least, database, length, tools):
    """On PostgreSQL, with the worker that the server starts itself."""
    engine = Engine(LIMITS_OFF, database)
    try:
        write_dags(engine, length, 1, tools)
        engine.start()
        bench_hops(table, engine, "PostgreSQL", least["PostgreSQL"], None, tools)
    finally:
        engine.close()


def bench_workers(table, name, least, nats, database, length, count, limits, tools):
    """One, two and four workers on one machine: what more of them cost, not what they bring."""
    engine = Engine({**LIMITS_OFF, "nats.url": nats.url}, database)
    workers = []
    try:
        write_dags(engine, length, count, tools)
        engine.start()
        for number in (1, 2, 4):
            while len(workers) < number:
                workers.append(NatsWorker(engine, nats.url, f"w{len(workers)}",
                                          "--max-concurrency", str(_SLOTS)))
                engine.wait_server_log(f"worker w{len(workers) - 1}.")
            if number == 1:
                bench_hops(table, engine, name, least[name], 10, tools)
            rate = tools.median_rate(engine, "many", count, f"{number}-")
            table.add(f"no-op Bash tasks over {name}, {number} workers of {_SLOTS}", rate, "/s",
                      limits["rate"])
    finally:
        for worker in workers:
            worker.close()
        engine.close()


def bench_hops(table, engine, name, least, budget, tools):
    """`least`: a commit and, over NATS, a publish of the end and one of the next ticket."""
    for task in ("Bash", "Python"):
        tools.complete(engine, f"chain_{task}", "warm-up")
        tools.complete(engine, f"chain_{task}", "r")
        hops = sorted(tools.chain_hops(engine, f"chain_{task}", "r"))
        table.add(f"chain hop over {name}, {task}, median", statistics.median(hops), "ms", least,
                  budget)
        table.add(f"chain hop over {name}, {task}, p95", hops[int(len(hops) * 0.95)], "ms")


def bench_connections(table, database, most, tools):
    """Connections to the database that the server holds while so many tasks run."""
    engine = Engine(LIMITS_OFF, database)
    try:
        for number in (1, most // 10, most):
            engine.write_dag(f"wait_{number}", f"for i in range({number}):\n    BashOperator("
                             f"task_id=f't{{i}}', bash_command='{engine.gate(f'go_{number}')}')",
                             max_active_tasks=100_000)
        engine.start()
        for number in (1, most // 10, most):
            engine.trigger(f"wait_{number}", "r")
            engine.wait(lambda number=number: engine.value(
                "SELECT count(*) FROM task_instance WHERE state = 'running'") == number,
                f"{number} tasks to run")
            used = int(database.server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                "application_name = 'beeflow'", database.url))
            table.add(f"connections at {number:,} running tasks", used, "", None, 8)
            engine.open_gate(f"go_{number}")
            engine.wait_run(f"wait_{number}", "r")
    finally:
        engine.close()


def bench_fail_over(table, database, times, tools):
    """From the kill of the control process that works to the moment at which the one that stood by
    starts a run that was asked for meanwhile."""
    engines = []
    spent = []
    try:
        for _ in range(times):
            stand_by = Engine(LIMITS_OFF, database)
            engines.append(stand_by)
            if len(engines) == 1:
                stand_by.write_dag("after", "EmptyOperator(task_id='t')")
                stand_by.start()
                tools.complete(stand_by, "after", "warm-up")
                continue
            stand_by.set({"core.dags_folder": str(engines[0].dags)})
            with open(stand_by.server_log, "ab") as log:
                stand_by.server = stand_by.popen("standalone", stdout=log, stderr=log)
            stand_by.wait_server_log("another control process leads")
            killed = time.time()
            engines[-2].kill()
            run_id = f"r{len(engines)}"
            tools.complete(stand_by, "after", run_id)
            row, = stand_by.rows("SELECT start_date FROM dag_run WHERE run_id = ?", run_id)
            spent.append(tools.seconds(row["start_date"]) - killed)
        table.add("fail-over to a stand-by, median", statistics.median(spent), "s", None, 3)
        table.add("fail-over to a stand-by, longest", max(spent), "s", None, 3)
    finally:
        for engine in engines:
            engine.close()
