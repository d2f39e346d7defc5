"""Beeflow as it runs on many hosts, all on one: a PostgreSQL server, three NATS servers that are a
cluster, two control processes and three workers. Every control process and every worker reaches
NATS, and control the database, by a wire of its own.

The work that it is given keeps a book: each attempt writes when it begins and when it ends, so that
what is lost or doubled shows without asking the engine.
"""

import collections
import json
import os
import re
import signal
import subprocess
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from engine import DEADLINE_SECONDS, Engine, is_alive, processes_of, wait_for
from metadata import PostgresDatabase, PostgresServer
from nats_cluster import NatsCluster, NatsWorker
from wires import Wires

WORKERS = ("w1", "w2", "w3")
_SLOTS = 20  # one worker alone can hold what two runs do

# Longer than anything takes that is not stuck.
_STUCK_SECONDS = 60
_LOOK_SECONDS = 0.01
_ASK_SECONDS = 0.1  # where an answer takes work

# What a run does. Attempts called `held` wait until the test opens the gate of their run; each
# worker has two of them, and four are on any. While an attempt lives, or anything that it has
# started, it holds its lock: another one of the same task instance would find it taken.
_WORK = """
import fcntl, os

BOOK = SCRATCH + "/book"

BASH = (f'exec 9> "{SCRATCH}/lock.$AIRFLOW_CTX_DAG_RUN_ID.$AIRFLOW_CTX_TASK_ID"; '
        'me="$AIRFLOW_CTX_DAG_RUN_ID $AIRFLOW_CTX_TASK_ID -1 $AIRFLOW_CTX_TRY_NUMBER $FLEET_HOST"; '
        f'flock -n 9 || echo "overlap $me" >> {BOOK}; echo "begin $me" >> {BOOK}; ')
END = f'; echo "end $me" >> {BOOK}; echo $AIRFLOW_CTX_TRY_NUMBER'
GATE = f': < "{SCRATCH}/gate.$AIRFLOW_CTX_DAG_RUN_ID"'

AGAIN = {"retries": 20, "retry_delay": timedelta(0)}

def note(word, ti):
    host = os.environ["FLEET_HOST"]
    line = f"{word} {ti.run_id} {ti.task_id} {ti.map_index} {ti.try_number} {host}"
    with open(BOOK, "a") as book:
        book.write(line + "\\n")

class kept:
    def __init__(self, ti):
        self.ti = ti
    def __enter__(self):
        ti = self.ti
        self.lock = open(f"{SCRATCH}/lock.{ti.run_id}.{ti.task_id}.{ti.map_index}", "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            note("overlap", ti)
        note("begin", ti)
    def __exit__(self, kind, *_):
        if kind is None:
            note("end", self.ti)
        self.lock.close()

def bash(name, work, **options):
    return BashOperator(task_id=name, bash_command=BASH + work + END, **{**AGAIN, **options})

@task(**AGAIN)
def hold(ti=None):
    with kept(ti):
        open(f"{SCRATCH}/gate.{ti.run_id}").close()

@task(**AGAIN)
def numbers(ti=None):
    with kept(ti):
        return [1, 2, 3, 4, 5]

@task(**AGAIN)
def double(n, ti=None):
    with kept(ti):
        return 2 * n

@task(**AGAIN)
def add(found, ti=None):
    with kept(ti):
        return sum(found)

@task(**AGAIN)
def flaky(ti=None):
    note("begin", ti)
    if ti.try_number == 1:
        raise ValueError("the first try fails")
    note("end", ti)

with DAG("work", schedule=None, catchup=False, max_active_runs=100, max_active_tasks=100,
         start_date=pendulum.datetime(2021, 1, 1, tz="UTC")) as dag:
    held = []
    for host in ("w1", "w2", "w3"):
        held.append(bash(f"held_{host}_bash", GATE, queue=host))
        held.append(hold.override(task_id=f"held_{host}_python", queue=host)())
    for i in range(2):
        held.append(bash(f"held_bash_{i}", GATE))
        held.append(hold.override(task_id=f"held_python_{i}")())
    total = add(double.expand(n=numbers()))
    flaky() >> total
    narrow = [bash(f"narrow_{i}", "true", pool="narrow") for i in range(3)]
    total >> narrow
    previous = held + narrow
    for i in range(3):
        link = bash(f"link_{i}", "true")
        previous >> link
        previous = link
"""
_HELD = 10
_FLAKY = "flaky"
_TASKS = {"held", "numbers", "double", "add", "flaky", "narrow", "link"}


class Control:
    """`beeflow standalone` with a home of its own; DAG files and logs are shared."""

    def __init__(self, fleet, name):
        self.name = name
        self.home = fleet.engine.root / "controls" / name
        self.home.mkdir(parents=True)
        self.nats = fleet.wires.lay(*(server.port for server in fleet.nats.servers))
        self.database = fleet.wires.lay(fleet.server.port)
        self.process = None
        self._launched_at = 0  # in the log
        self._log = self.home / "log"
        self._environment = {**fleet.engine.environment, "BEEFLOW_HOME": str(self.home)}
        self.set("database.url", fleet.metadata.url.replace(str(fleet.server.port),
                                                            str(self.database.ports[0])))
        self.set("nats.url", fleet.url(self.nats))

    def set(self, setting, value):
        """For the next launch."""
        section, key = setting.upper().split(".")
        self._environment[f"BEEFLOW__{section}__{key}"] = str(value)

    def launch(self, **variables):
        """Starts it; it leads or stands by."""
        self._launched_at = len(self.log())
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                [str(Engine._program), "standalone"], cwd=self.home, stdout=log,
                stderr=subprocess.STDOUT, env={**self._environment, **variables})
        wait_for(lambda: self.leads() or self.stands_by(), f"{self.name} to start", self,
                 _STUCK_SECONDS)

    def log(self):
        """What it has logged."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def describe(self):
        """For whoever waits in vain."""
        return f"\n--- {self.name}\n{self.log()[-6000:]}"

    def _latest(self, text):
        return self.log().rfind(text, self._launched_at)

    def is_alive(self):
        """Whether it runs, or is only stopped."""
        return self.process is not None and self.process.poll() is None

    def leads(self):
        """Whether it works, as far as it knows."""
        return self.is_alive() and self._latest("  UI and API") > max(
            self._latest("works no more"), self._latest("standing by"))

    def stands_by(self):
        """Whether it waits for its turn."""
        return self.is_alive() and self._latest("standing by") > self._latest("  UI and API")

    def wait_log(self, text, since=0):
        """Waits until it has logged the text behind that place in its log."""
        wait_for(lambda: re.search(text, self.log()[since:]), f"{text!r} in the log of {self.name}",
                 self, _STUCK_SECONDS)

    def get(self, path):
        """What it answers while it leads."""
        port = re.findall(r"UI and API  http://127.0.0.1:(\d+)/", self.log())[-1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.read().decode()

    def reloads(self):
        """How often it has read all that is active: more than once was to repair something."""
        return int(re.search(r"^beeflow_reloads_total (\d+)$", self.get("/metrics"), re.M).group(1))

    def workers(self):
        """The names of the workers that answer to it."""
        told = json.loads(self.get("/api/v1/ui/environments"))
        return sorted(worker["name"] for worker in told["workers"])

    def signal(self, number):
        """Signals the process."""
        self.process.send_signal(number)

    def kill(self):
        """Ends it as a power cut does, but for the worker that it has started."""
        self.process.kill()
        self.process.wait(DEADLINE_SECONDS)

    def close(self):
        """Ends it and what it has started."""
        while pids := processes_of(self.home):
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.process.poll()


@dataclass(frozen=True)
class Line:
    """What an attempt wrote into the book."""

    word: str
    try_number: int
    host: str


class Fleet:
    """All of it. `restore` brings back what a test has taken away."""

    def __init__(self):
        self._closing = ExitStack()
        with ExitStack() as closing:
            self._start(closing.callback)
            self._closing = closing.pop_all()

    def _start(self, at_end):
        self._runs = 0
        self.controls = []
        self.workers = {}
        self.wires = Wires()
        at_end(self.wires.close)
        self.server = PostgresServer()
        at_end(self.server.close)
        self.nats = NatsCluster()
        at_end(self.nats.close)
        self.metadata = PostgresDatabase(self.server)
        self.engine = Engine({
            "nats.replicas": 3,
            "core.default_pool_task_slot_count": 1000,
        }, self.metadata)
        at_end(self.engine.close)
        self.engine.set({"logging.base_log_folder": self.engine.logs})
        self.engine.migrate()
        self.engine.edit("INSERT INTO slot_pool (pool, slots) VALUES ('narrow', 1)")
        self._write_work()
        at_end(self._close_controls)
        at_end(self._close_workers)
        for name in ("c1", "c2"):
            self.controls.append(Control(self, name))
            self.controls[-1].launch()
        self.worker_wires = {name: self.wires.lay(*(one.port for one in self.nats.servers))
                             for name in WORKERS}
        for name in WORKERS:
            self.workers[name] = self.start_worker(name)
        self.engine.wait_dag("work")
        self.await_workers()

    def _write_work(self):
        usual = ("from datetime import timedelta\nimport pendulum\nfrom airflow import DAG\n"
                 "from airflow.decorators import task\n"
                 "from airflow.operators.bash import BashOperator\n")
        self.engine.write("work.py", f"{usual}SCRATCH = {str(self.engine.scratch)!r}\n{_WORK}")

    @staticmethod
    def url(wire):
        """Where clients behind the wire find NATS."""
        return ",".join(f"nats://127.0.0.1:{port}" for port in wire.ports)

    def start_worker(self, name, **variables):
        """Starts a worker, as often as it was ended."""
        return NatsWorker(self.engine, self.url(self.worker_wires[name]), name, "--queues",
                          f"default,{name}", "--max-concurrency", str(_SLOTS),
                          variables={"FLEET_HOST": name, **variables})

    # --- Who does what ---

    def leader(self):
        """The control process that leads; waits until one does."""
        found = self.wait(lambda: [one for one in self.controls if one.leads()],
                          "a control process to lead")
        return found[0]

    def stand_by(self):
        """The other one."""
        leader = self.leader()
        return next(one for one in self.controls if one is not leader)

    def await_workers(self):
        """Waits until all workers answer to the leader, and no others."""
        self.wait(lambda: self.leader().workers() == sorted(self.workers),
                  "all workers to answer to the leader", _ASK_SECONDS)

    def backend(self, kind):
        """The process of the database's server that serves the leader, its `feed` or `writer`."""
        last = {"feed": "START_REPLICATION", "writer": "COMMIT"}[kind]
        return int(self.sql(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'beeflow' AND datname = "
            f"current_database() ORDER BY query LIKE '{last}%' DESC, query_start DESC LIMIT 1"))

    def drop_slot(self):
        """Drops the slot as soon as nobody holds it, which it sees to."""
        self.sql("""DO $$ DECLARE place text; BEGIN
            LOOP
              BEGIN
                PERFORM pg_terminate_backend(active_pid), pg_drop_replication_slot(slot_name)
                  FROM pg_replication_slots;
                RETURN;
              EXCEPTION WHEN object_in_use THEN NULL;
              END;
            END LOOP; END $$""")

    # --- Work ---

    def begin(self, runs):
        """Begins runs and returns their ids, once their held attempts are under way."""
        run_ids = [self.insert_run(os.mkfifo) for _ in range(runs)]
        for run_id in run_ids:
            self.wait(lambda run=run_id: self._held(run) == _HELD, f"the held attempts of {run_id}")
        return run_ids

    def begin_free(self):
        """Begins a run whose attempts need not wait, and returns its id."""
        return self.insert_run(lambda path: Path(path).touch())

    def insert_run(self, make_gate):
        """A run by SQL, as anyone may make one."""
        self._runs += 1
        run_id = f"r{self._runs}"
        make_gate(self.engine.scratch / f"gate.{run_id}")
        # Not of today: where a clock is behind, that would be the future, which is waited for.
        self.sql(f"INSERT INTO dag_run (dag_id, run_id, execution_date, queued_at) "
                 f"VALUES ('work', '{run_id}', now() - interval '1 day', now())")
        return run_id

    def sql(self, text):
        """Executes it as soon as the server can, and returns the first value that it gives."""
        import psycopg2  # only where PostgreSQL is tested

        def tried():
            try:
                cursor = self.metadata.execute(self.engine.connection, text)
                row = cursor.fetchone() if cursor.description else None
                return [next(iter(row.values())) if row else None]
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self.engine.forget_connection()
                return None
        return self.wait(tried, f"the database to do {text}")[0]

    def wait(self, condition, what, every=_LOOK_SECONDS):
        """Waits as long as it takes where nothing is stuck."""
        return wait_for(condition, what, self, _STUCK_SECONDS, every)

    def open_gate(self, run_id):
        """Lets the held attempts go on."""
        self.engine.open_gate(f"gate.{run_id}")

    def await_ends(self, *run_ids):
        """Waits until the runs have ended well."""
        for run_id in run_ids:
            query = ("SELECT state FROM dag_run WHERE state IN ('success', 'failed') "
                     f"AND run_id = '{run_id}'")
            ended = self.wait(lambda text=query: self.sql(text), f"run {run_id} to end")
            if ended != "success":
                raise AssertionError(f"run {run_id} is {ended}{self.describe()}")

    def await_drained_streams(self):
        """Waits until NATS has nothing left to tell anybody. A server that died or hung may keep
        messages that the others saw acknowledged meanwhile (seen with nats-server 2.9)."""
        self.wait(lambda: self.nats.waiting() == 0, "the streams to be drained", _ASK_SECONDS)

    def await_released(self, run_id):
        """Waits until all held attempts have written that they end, whoever has heard of it."""
        def released():
            lines = self.book(run_id).items()
            return sum(key[0].startswith("held_") and any(one.word == "end" for one in written)
                       for key, written in lines) == _HELD
        self.wait(released, f"the held attempts of {run_id} to end")

    def book(self, run_id):
        """What was written of a run, in order: {(task, map index): [line, ...]}."""
        lines = collections.defaultdict(list)
        path = self.engine.scratch / "book"
        for text in path.read_text().splitlines() if path.exists() else []:
            word, run, task_id, map_index, try_number, host = text.split()
            if run == run_id:
                lines[task_id, int(map_index)].append(Line(word, int(try_number), host))
        return lines

    def _held(self, run_id):
        return sum(key[0].startswith("held_") for key in self.book(run_id))

    def faults_of(self, run_id, given_up=(), overlapping=()):
        """What is wrong with a run that has ended: texts. Attempts of the hosts `given_up` may have
        been tried again; those of `overlapping` may have lived on meanwhile."""
        wrong = []
        book = self.book(run_id)
        rows = self.engine.rows(
            "SELECT task_id, map_index, state, try_number, external_executor_id AS attempt,"
            " (SELECT count(*) FROM attempt a WHERE a.run_id = t.run_id AND a.task_id = t.task_id"
            "  AND a.map_index = t.map_index AND a.state = 'success') AS successes "
            "FROM task_instance t WHERE run_id = ?", run_id)
        for row in rows:
            key = row["task_id"], row["map_index"]
            wrong += [f"{run_id} {key}: {text}: {row} {book[key]}" for text in
                      _faults(row, book[key], given_up, overlapping)]
        if {row["task_id"].split("_")[0] for row in rows} != _TASKS or len(rows) != 24:
            wrong.append(f"{run_id}: task instances are missing: {rows}")
        total = self.engine.xcom("work", run_id, "add")
        if total != 30:
            wrong.append(f"{run_id}: the values have the sum {total}")
        return wrong

    # --- Afterwards ---

    def restore(self):
        """All parts work again."""
        for server in self.nats.servers:
            if not server.is_alive():
                server.start()
            server.process.send_signal(signal.SIGCONT)
        for wire in self.worker_wires.values():
            wire.mend()
        for control in self.controls:
            control.nats.mend()
            control.database.mend()
            if control.is_alive():
                control.signal(signal.SIGCONT)
            else:
                control.launch()
        for name, worker in self.workers.items():
            if worker.process.poll() is None:
                worker.signal(signal.SIGCONT)
            else:
                self.workers[name] = self.start_worker(name)
        self.nats.await_quorum()
        self.wait(lambda: sorted((one.leads(), one.stands_by()) for one in self.controls) ==
                  [(False, True), (True, False)], "a leader and a stand-by")
        self.await_workers()

    def describe(self):
        """What to know when something went wrong."""
        logs = [one.describe() for one in self.controls]
        logs += [f"\n--- {name}\n{one.log()[-3000:]}" for name, one in self.workers.items()]
        logs += [f"\n--- nats-server {i + 1}\n{one.log()[-1500:]}"
                 for i, one in enumerate(self.nats.servers)]
        self.engine.forget_connection()
        return self.engine.describe() + "".join(logs) + self.nats.describe()

    def close(self):
        """Ends all of it."""
        self._closing.close()

    def _close_controls(self):
        for control in self.controls:
            control.close()

    def _close_workers(self):
        for worker in self.workers.values():
            worker.close()


def _faults(row, lines, given_up, overlapping):
    if row["state"] != "success":
        yield f"it is {row['state']}"
    if row["successes"] != 1:
        yield f"{row['successes']} attempts have succeeded"
    begun = [line for line in lines if line.word == "begin"]
    tries = [line.try_number for line in begun]
    if len(set(tries)) != len(tries):
        yield "an attempt was begun twice"
    if row["try_number"] not in tries:
        yield "its last attempt never began"
    if not any(line.word == "end" and line.try_number == row["try_number"] for line in lines):
        yield "its last attempt never ended"
    for line in begun:
        may_fail = line.host in given_up or (row["task_id"] == _FLAKY and line.try_number == 1)
        if line.try_number != row["try_number"] and not may_fail:
            yield f"try {line.try_number} was given up"
    if any(line.word == "overlap" for line in lines) and not any(
            line.host in overlapping for line in begun):
        yield "it ran twice at a time"
