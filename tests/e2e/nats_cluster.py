"""Real NATS servers for tests, alone or as a cluster, and workers as they run on other hosts: each
with a home of its own, and without the DAG files."""

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from engine import DEADLINE_SECONDS, Engine, EngineTest, is_alive, wait_for
from metadata import free_port

_ASK_SECONDS = 0.05
_SERVER = shutil.which("nats-server") or "/usr/sbin/nats-server"


class NatsServer:
    """On loopback, on a port that it keeps over restarts. `more` goes into its configuration."""

    def __init__(self, more=""):
        self.folder = Path(tempfile.mkdtemp(prefix="beeflow-nats-"))
        self.more = more
        self.port = -1
        self.monitor = None  # the URL of what it tells of itself
        self.process = None
        self.start()

    @property
    def url(self):
        """Where clients find it."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self):
        """Starts it; returns when it takes clients."""
        config = self.folder / "nats-server.conf"
        config.write_text(f"host: 127.0.0.1\nport: {self.port}\nhttp: 127.0.0.1:-1\n"
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
                return json.loads(ports.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                return None
        listens = wait_for(told, "nats-server to start")
        self.port = int(listens["nats"][0].rpartition(":")[2])
        self.monitor = listens["monitoring"][0]

    def ask(self, path):
        """What it tells of itself; None where it does not answer."""
        try:
            with urllib.request.urlopen(self.monitor + path, timeout=DEADLINE_SECONDS) as answer:
                return json.loads(answer.read())
        except (OSError, urllib.error.URLError):
            return None

    def stop(self, kill=False):
        """Ends it."""
        self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        self.process.wait(DEADLINE_SECONDS)

    def wipe(self):
        """Kills it, and starts it with nothing of what it had stored."""
        self.stop(kill=True)
        self.clear()
        self.start()

    def clear(self):
        """Removes what it had stored."""
        for stored in (self.folder / "data").glob("*"):
            shutil.rmtree(stored, ignore_errors=True)

    def is_alive(self):
        """Whether it runs, or is only stopped."""
        return self.process.poll() is None

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
        if self.is_alive():
            self.stop(kill=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class NatsCluster:
    """Servers that hold each stream together. Clients hear of no others than those they know."""

    def __init__(self, more="", size=3):
        ports = [free_port() for _ in range(size)]
        routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in ports)
        self.servers = [NatsServer(f"""
            server_name: n{i + 1}
            cluster {{ name: test, listen: "127.0.0.1:{port}", routes: [{routes}],
                       no_advertise: true }}
            {more}""") for i, port in enumerate(ports)]
        self.await_quorum()

    @property
    def url(self):
        """Where clients find it."""
        return ",".join(server.url for server in self.servers)

    def await_quorum(self):
        """Waits until all servers belong together and take streams."""
        def is_there():
            told = [server.ask("/jsz") for server in self.servers]
            leaders = {one.get("meta_cluster", {}).get("leader") if one else None for one in told}
            return len(leaders) == 1 and leaders.pop() and all(
                server.ask("/healthz") for server in self.servers)
        wait_for(is_there, "the NATS servers to agree on a leader", every=_ASK_SECONDS)

    def leader_of(self, stream):
        """The server that leads the stream, None while there is none."""
        leaders = [detail["cluster"].get("leader") for _, detail in self._streams()
                   if detail["name"] == stream]
        return next((server for i, server in enumerate(self.servers) if f"n{i + 1}" in leaders),
                    None)

    def describe(self):
        """What each server holds, a line for each stream and consumer."""
        lines = ["\n--- streams"]
        for name, stream in self._streams():
            state = stream["state"]
            lines.append(f"{name}: {stream['name']} led by {stream['cluster'].get('leader')}: "
                         f"{state['messages']} messages in {state['first_seq']} to "
                         f"{state['last_seq']}")
            lines += [f"    {one['name']} led by {one['cluster'].get('leader')}: "
                      f"{one['num_pending']} pending, {one['num_ack_pending']} delivered, "
                      f"acknowledged to {one['ack_floor']['stream_seq']}"
                      for one in stream.get("consumer_detail", [])]
        return "\n".join(lines)

    def waiting(self):
        """How many messages consumers have yet to deliver, or to see acknowledged."""
        return sum(one["num_pending"] + one["num_ack_pending"]
                   for name, stream in self._streams()
                   for one in stream.get("consumer_detail", [])
                   if one["cluster"].get("leader") == name)

    # The name of each server with each stream as it sees it.
    def _streams(self):
        for i, server in enumerate(self.servers):
            told = server.ask("/jsz?accounts=true&consumers=true") if server.is_alive() else None
            for account in (told or {}).get("account_details", []):
                for stream in account.get("stream_detail", []):
                    yield f"n{i + 1}", stream

    def close(self):
        """Ends all of it."""
        for server in self.servers:
            server.close()


class NatsWorker:
    """`beeflow worker` with a home of its own."""

    def __init__(self, engine, url, name, *options, settings=None, variables=None):
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
        environment.update(variables or {})
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


_ACCOUNTS = 200
_shared = []  # the cluster of the test program, and the numbers of accounts that are free


def hire(engine, size):
    """Workers for an engine, which is told where they are: on a cluster that all tests of the
    program share, in an account of its own. They serve the default queue; the others stay with the
    server."""
    if not _shared:
        accounts = "\n".join(
            f"a{i} {{ jetstream: enabled, users: [{{user: a{i}, password: a{i}}}] }}"
            for i in range(_ACCOUNTS))
        _shared.extend([NatsCluster(f"accounts {{ {accounts} }}"), iter(range(_ACCOUNTS))])
        atexit.register(_shared[0].close)
    cluster, free = _shared
    user = f"a{next(free)}"
    engine.set({"nats.url": cluster.url, "nats.user": user, "nats.password": user})
    settings = {name[len("BEEFLOW__"):].replace("__", "."): value
                for name, value in engine.environment.items()
                if name.startswith(("BEEFLOW__WORKER__", "BEEFLOW__NATS__"))}
    return [NatsWorker(engine, cluster.url, f"w{i}", settings=settings) for i in range(size)]


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
