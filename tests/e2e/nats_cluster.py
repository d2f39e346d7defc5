"""A real NATS server for tests, and workers as they run on other hosts: each with a home of its
own, and without the DAG files."""

import os
import json
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from engine import DEADLINE_SECONDS, Engine, EngineTest, is_alive, wait_for

_SERVER = shutil.which("nats-server") or "/usr/sbin/nats-server"


class NatsServer:
    """On loopback, on a port that it keeps over restarts. `more` goes into its configuration."""

    def __init__(self, more=""):
        self.folder = Path(tempfile.mkdtemp(prefix="beeflow-nats-"))
        self.more = more
        self.port = -1
        self.process = None
        self.start()

    @property
    def url(self):
        """Where clients find it."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self):
        """Starts it; returns when it takes clients."""
        config = self.folder / "nats-server.conf"
        config.write_text(f"host: 127.0.0.1\nport: {self.port}\n"
                          f"jetstream {{ store_dir: {json.dumps(str(self.folder / 'data'))} }}\n"
                          f"ports_file_dir: {json.dumps(str(self.folder))}\n{self.more}\n",
                          encoding="utf-8")
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([_SERVER, "-c", str(config)], stdout=log,
                                            stderr=subprocess.STDOUT)
        ports = self.folder / f"nats-server_{self.process.pid}.ports"

        def told():
            if self.process.poll() is not None:
                raise AssertionError("nats-server ended:\n" + self.log())
            try:
                return json.loads(ports.read_text(encoding="utf-8"))["nats"][0]
            except (OSError, ValueError):
                return None
        self.port = int(wait_for(told, "nats-server to start").rpartition(":")[2])

    def stop(self, kill=False):
        """Ends it."""
        self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        self.process.wait(DEADLINE_SECONDS)

    def wipe(self):
        """Kills it, and starts it with nothing of what it had stored."""
        self.stop(kill=True)
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        self.start()

    def purge(self, stream):
        """Empties a stream, as `nats stream purge` does."""
        with socket.create_connection(("127.0.0.1", self.port), DEADLINE_SECONDS) as connection:
            connection.sendall(('CONNECT {"verbose": false}\r\n'
                                f"PUB $JS.API.STREAM.PURGE.{stream} 0\r\n\r\nPING\r\n").encode())
            with connection.makefile("rb") as answers:
                while not answers.readline().startswith(b"PONG"):
                    pass

    def log(self):
        """What it has logged."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def close(self):
        """Ends it and removes what it stored."""
        if self.process.poll() is None:
            self.stop(kill=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class NatsWorker:
    """`beeflow worker` with a home of its own."""

    def __init__(self, engine, url, name, *options, settings=None):
        self.name = name
        self.home = engine.root / "workers" / name
        self.home.mkdir(parents=True, exist_ok=True)
        self._log = self.home / "log"
        environment = {key: value for key, value in engine.environment.items()
                       if not key.startswith("BEEFLOW")}
        environment["BEEFLOW_HOME"] = str(self.home)
        for key, value in (settings or {}).items():
            section, setting = key.upper().split(".")
            environment[f"BEEFLOW__{section}__{setting}"] = str(value)
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                [str(Engine._program), "worker", "--nats", url, "--name", name, *options],
                env=environment, cwd=self.home, stdout=log, stderr=subprocess.STDOUT)

    @property
    def pid(self):
        """The worker itself, below its guard."""
        guard = self.process.pid
        children = Path(f"/proc/{guard}/task/{guard}/children").read_text(encoding="ascii")
        return int(children.split()[0])

    def log(self):
        """What it has logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_log(self, text):
        """Waits until it has logged the text."""
        def told():
            if self.process.poll() is not None and text not in self.log():
                raise AssertionError(f"worker {self.name} ended:\n{self.log()}")
            return text in self.log()
        wait_for(told, f"{text!r} in the log of worker {self.name}")

    def signal(self, number):
        """Signals the worker itself."""
        os.kill(self.pid, number)

    def kill(self):
        """Ends it as a power cut does, with all that it runs."""
        self.signal(signal.SIGKILL)
        self.process.wait(DEADLINE_SECONDS)

    def close(self):
        """Ends it."""
        if self.process.poll() is None:
            try:
                self.kill()
            except (OSError, IndexError):
                self.process.kill()
                self.process.wait(DEADLINE_SECONDS)


class NatsTest(EngineTest):
    """A server whose tasks run on workers of a NATS server. Each worker serves the queue `default`
    and one of its own name."""

    SERVER = ""  # more of its configuration

    def setUp(self):
        super().setUp()
        self.nats = NatsServer(self.SERVER)
        self.addCleanup(self.nats.close)
        self.workers = {}
        self.engine.set({"nats.url": self.nats.url})
        self.addCleanup(self._describe_workers)

    def worker(self, name, slots=8, **options):
        """Starts a worker."""
        made = NatsWorker(self.engine, self.nats.url, name, "--queues", f"default,{name}",
                          "--max-concurrency", str(slots), **options)
        self.addCleanup(made.close)
        self.workers[name] = made
        return made

    def start(self, *names, **options):
        """Starts the server and workers."""
        self.engine.start()
        for name in names:
            self.worker(name, **options)
        for name in names:
            self.engine.wait_server_log(f"worker {name}.")

    def holder(self, dag_id, run_id, task_id):
        """The worker that runs the task, told by its process; and the others."""
        pid = self.engine.wait_task(dag_id, run_id, task_id, "running")["pid"]
        for worker in self.workers.values():
            if worker.process.poll() is None and is_below(pid, worker.process.pid):
                return worker
        raise AssertionError(f"no worker has process {pid}")

    def _describe_workers(self):
        if self._bad() > self._bad_before:
            for worker in self.workers.values():
                print(f"--- worker {worker.name}\n{worker.log()[-5000:]}", flush=True)


def is_below(pid, ancestor):
    """Whether the process descends from the other."""
    while pid > 1 and is_alive(pid):
        if pid == ancestor:
            return True
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        pid = int(stat.rpartition(")")[2].split()[1])
    return False
