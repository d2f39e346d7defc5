"""The figures of workers that NATS connects to the server; for bench.py."""

import json
import socket
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))
from engine import Engine  # noqa: E402
from load import LIMITS_OFF  # noqa: E402
from nats_cluster import NatsServer, NatsWorker  # noqa: E402

_SLOTS = 4


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


def bench_nats(table, limits, length, count, tools):
    """`tools`: bench.py's complete, chain_hops, median_rate, CHAIN and TASKS."""
    server = NatsServer()
    engine = Engine({**LIMITS_OFF, "nats.url": server.url})
    workers = []
    try:
        publish = bench_publish(server, 200)
        table.add("limit: NATS publish with ack, median", publish, "ms")
        for name in ("Bash", "Python"):
            engine.write_dag(f"chain_{name}",
                             tools.CHAIN.format(n=length, task=tools.TASKS[name]))
        engine.write_dag("many", f"for i in range({count}):\n    {tools.TASKS['Bash']}\n",
                         max_active_tasks=100_000)
        engine.start()
        for number in (1, 2, 4):
            while len(workers) < number:
                workers.append(NatsWorker(engine, server.url, f"w{len(workers)}",
                                          "--max-concurrency", str(_SLOTS)))
                engine.wait_server_log(f"worker w{len(workers) - 1}.")
            if number == 1:
                bench_hops(table, engine, limits["sync"] + 2 * publish, tools)
            rate = tools.median_rate(engine, "many", count, f"{number}-")
            table.add(f"no-op Bash tasks over NATS, {number} workers of {_SLOTS}", rate, "/s",
                      limits["rate"])
    finally:
        for worker in workers:
            worker.close()
        engine.close()
        server.close()


def bench_hops(table, engine, limit, tools):
    """A commit, a publish of the end and one of the next ticket are the least that a hop takes."""
    for name in ("Bash", "Python"):
        tools.complete(engine, f"chain_{name}", "warm-up")
        tools.complete(engine, f"chain_{name}", "r")
        hops = sorted(tools.chain_hops(engine, f"chain_{name}", "r"))
        table.add(f"chain hop over NATS, {name}, median", statistics.median(hops), "ms", limit, 10)
        table.add(f"chain hop over NATS, {name}, p95", hops[int(len(hops) * 0.95)], "ms")
