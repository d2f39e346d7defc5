"""Drives the real program from outside, as a user would: a home folder, DAG files, the command
line, the server process and the database.

Nothing here sleeps to let something happen. Waiting means: look at the database whenever somebody
has committed to it, until what is waited for is there or the deadline has
passed; the error then shows the rows and the server's log.
"""

import atexit
import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import textwrap
import time
import unittest
from pathlib import Path

from metadata import PostgresDatabase, SqliteFile

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = REPOSITORY / "examples" / "dags"

# Longest wait for anything. Nothing takes that long; a test that waits for it has failed.
DEADLINE_SECONDS = 180  # until a test gives up: a busy machine may take long
_LOOK_SECONDS = 0.005


def _find_program():
    """The program to test: BEEFLOW_BINARY, or that of the release build. It finds the Python side
    of the engine relative to itself; where the build folder lies elsewhere, a copy beside a link
    to the sources is made, so that any build can be tested."""
    binary = Path(os.environ.get("BEEFLOW_BINARY", REPOSITORY / "build" / "beeflow")).resolve()
    if not binary.exists():
        raise FileNotFoundError(f"there is no program {binary}; build it, or set BEEFLOW_BINARY")
    for data in (binary.parent.parent / "share" / "beeflow", binary.parent.parent):
        if (data / "python" / "beeflow_worker").is_dir():
            return binary
    stage = Path(tempfile.mkdtemp(prefix="beeflow-program-"))
    atexit.register(shutil.rmtree, stage, ignore_errors=True)
    (stage / "bin").mkdir()
    shutil.copy2(binary, stage / "bin" / "beeflow")
    for name in ("python", "examples", "data", "web"):
        (stage / name).symlink_to(REPOSITORY / name)
    return stage / "bin" / "beeflow"


class Engine:
    """One BEEFLOW_HOME in a temporary folder, and what works on it."""

    _program = None
    keeps_folders = False  # after close: deleting many files slows down what is measured next

    def __init__(self, settings=None, metadata=None):
        if Engine._program is None:
            Engine._program = _find_program()
        self.root = Path(tempfile.mkdtemp(prefix="beeflow-e2e-"))
        self.home = self.root / "home"
        self.dags = self.root / "dags"
        self.scratch = self.root / "scratch"  # for what tasks write
        for folder in (self.home, self.dags, self.scratch):
            folder.mkdir()
        self.database = self.home / "beeflow.db"
        self.logs = self.home / "logs"
        self.server = None
        self.port = None
        self.server_log = self.root / "server.log"
        self.environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("BEEFLOW", "AIRFLOW"))
        }
        self.environment.update({
            "BEEFLOW_HOME": str(self.home),
            "BEEFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "BEEFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "BEEFLOW__WEBSERVER__WEB_SERVER_PORT": "0",
        })
        if metadata is None and os.environ.get("BEEFLOW_TEST_DATABASE") == "postgres":
            metadata = PostgresDatabase()
        self.metadata = metadata or SqliteFile(self.database)
        self.set(self.metadata.settings)
        self.set(settings or {})
        self._connection = None
        self._gates = []
        self.hired = []  # workers on other hosts

    def set(self, settings):
        """Settings for programs that are started from now on: {"section.key": value}."""
        for name, value in settings.items():
            section, key = name.upper().split(".")
            self.environment[f"BEEFLOW__{section}__{key}"] = str(value)

    # --- DAG files ---

    def write(self, name, source):
        """Writes a DAG file as a deployment does: complete, then renamed into its place."""
        path = self.dags / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.root / "being-written"
        temporary.write_text(textwrap.dedent(source).lstrip("\n"), encoding="utf-8")
        temporary.rename(path)
        return path

    def write_dag(self, dag_id, body, **arguments):
        """A DAG file with the usual imports; `body` stands inside `with DAG(...) as dag:`."""
        keywords = {"schedule": None, "catchup": False, **arguments}
        listed = "".join(f", {key}={value!r}" if not isinstance(value, Code)
                         else f", {key}={value}" for key, value in keywords.items())
        text = _IMPORTS + f"\nSCRATCH = {str(self.scratch)!r}\n"
        if "start_date" not in keywords:
            listed += ", start_date=pendulum.datetime(2021, 1, 1, tz='UTC')"
        text += f"\nwith DAG({dag_id!r}{listed}) as dag:\n"
        return self.write(f"{dag_id}.py", text + textwrap.indent(textwrap.dedent(body), "    "))

    def copy_example(self, name):
        """Copies one file of examples/dags."""
        shutil.copy(EXAMPLES / name, self.dags / Path(name).name)

    # --- Programs ---

    def run(self, *arguments, stdin=None, timeout=DEADLINE_SECONDS):
        """Runs a command of the program and returns what it did, whatever the exit code."""
        return subprocess.run([str(self._program), *arguments], env=self.environment,
                              capture_output=True, text=True, input=stdin or "", timeout=timeout,
                              cwd=self.root, check=False)

    def cli(self, *arguments):
        """Runs a command that has to succeed, and returns its standard output."""
        done = self.run(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"beeflow {' '.join(arguments)} ended with {done.returncode}:\n"
                                 f"{done.stdout}{done.stderr}{self.describe()}")
        return done.stdout

    def json(self, *arguments):
        """The rows that a command prints, as dictionaries."""
        return json.loads(self.cli(*arguments, "--output", "json"))

    def popen(self, *arguments, **options):
        """Starts a command and does not wait for its end."""
        return subprocess.Popen([str(self._program), *arguments], env=self.environment,
                                cwd=self.root, **options)

    def start(self, *options):
        """Starts the server; returns when it has taken up its work and answers on `port`."""
        self.migrate()
        self._hire()
        written = self.server_log.stat().st_size if self.server_log.exists() else 0
        with open(self.server_log, "ab") as log:
            self.server = self.popen("standalone", *options, stdout=log, stderr=subprocess.STDOUT)

        def told():
            if self.server.poll() is not None:
                raise AssertionError(f"the server ended at once{self.describe()}")
            with open(self.server_log, "rb") as log:
                log.seek(written)
                return re.search(rb"https?://[\d.]+:(\d+)/ ", log.read())
        self.port = int(wait_for(told, "the server to start", self).group(1))

    def _hire(self):
        """Where BEEFLOW_TEST_FLEET says how many: as many workers on other hosts, which NATS
        connects to the server, in place of the server's own."""
        size = int(os.environ.get("BEEFLOW_TEST_FLEET", "0"))
        if size > 0 and not self.hired:
            from nats_cluster import hire  # which drives engines itself
            self.hired = hire(self, size)

    def wait_server_log(self, text, times=1):
        """Waits until the server has logged the text, that many times since the first start."""
        wait_for(lambda: self.server_log.read_text(errors="replace").count(text) >= times,
                 f"{text!r} in the server's log", self)

    def migrate(self):
        """Creates the database where there is none."""
        if not self.metadata.exists():
            self.cli("db", "migrate")

    def stop(self):
        """Ends the server as a service manager does; returns its exit code."""
        self.server.send_signal(signal.SIGTERM)
        code = self.server.wait(DEADLINE_SECONDS)
        self.server = None
        return code

    def kill(self):
        """Ends the server as a power cut does; what it has started lives on."""
        self.server.kill()
        self.server.wait(DEADLINE_SECONDS)
        self.server = None

    def processes(self):
        """The processes that work for this home: {pid: command line}."""
        return processes_of(self.home)

    def workers(self):
        """The pids of the worker, its guard first."""
        return sorted(pid for pid, command in self.processes().items()
                      if command.startswith(f"{self._program} worker "))

    def close(self):
        """Ends everything that works for this home, by pid, and removes the folder."""
        self.forget_connection()
        for worker in self.hired:
            worker.close()
        for descriptor in self._gates:
            os.close(descriptor)
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (pids := self.processes()) and time.monotonic() < deadline:
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if self.server:
                self.server.poll()
            time.sleep(_LOOK_SECONDS)
        if self.server:
            self.server.wait(DEADLINE_SECONDS)
        if not self.keeps_folders:
            shutil.rmtree(self.root, ignore_errors=True)

    # --- The database ---

    @property
    def connection(self):
        """A connection for reading; that of another program than the engine."""
        if self._connection is None:
            self._connection = self.metadata.connect()
        return self._connection

    def forget_connection(self):
        """The next query connects anew: the database's server may have ended the connection."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def rows(self, sql, *parameters):
        """All rows of a query, as dictionaries."""
        found = self.metadata.execute(self.connection, sql, parameters)
        return [{name: _as_text(value) for name, value in dict(row).items()}
                for row in found.fetchall()]

    def value(self, sql, *parameters):
        """The first column of the first row, None where there is none."""
        row = self.metadata.execute(self.connection, sql, parameters).fetchone()
        return _as_text(next(iter(dict(row).values()))) if row else None

    def edit(self, sql, *parameters):
        """Changes rows by hand, in a connection of its own, and returns how many."""
        connection = self.metadata.connect()
        try:
            return self.metadata.execute(connection, sql, parameters).rowcount
        finally:
            connection.close()

    def open_transaction(self, sql):
        """A connection in which the statement is executed, and not committed yet."""
        connection = self.metadata.connect()
        self.metadata.execute(connection, "BEGIN")
        self.metadata.execute(connection, sql)
        return connection

    def wait_gone(self, pid):
        """Waits until the process has ended."""
        wait_for(lambda: not is_alive(pid), f"process {pid} to end", self)

    def wait_no_process(self, text):
        """Waits until no process of this home has the text in its command line."""
        wait_for(lambda: not any(text in command for command in self.processes().values()),
                 f"processes with {text!r} to end", self)

    def wait(self, condition, what, seconds=DEADLINE_SECONDS):
        """Waits until `condition()` is true after some commit, and returns its value."""
        deadline = time.monotonic() + seconds
        seen = None
        while True:
            version = self.metadata.version(self.connection)
            if version != seen:
                seen = version
                if value := condition():
                    return value
            if time.monotonic() > deadline:
                if value := condition():
                    return value
                raise AssertionError(f"waited {seconds} s for {what}{self.describe()}")
            time.sleep(_LOOK_SECONDS)

    def settle(self):
        """Waits until the server has seen all changes so far and is idle."""
        position = self.metadata.position(self.connection)
        wait_for(lambda: self.metadata.is_read(self.connection, position), "the server to be idle",
                 self)

    def wait_dag(self, dag_id):
        """Waits until the DAG is imported."""
        self.wait(lambda: self.value("SELECT 1 FROM dag WHERE dag_id = ? AND is_active", dag_id),
                  f"DAG {dag_id} to be imported")

    def run_state(self, dag_id, run_id):
        """The state of a run, None where there is none."""
        return self.value("SELECT state FROM dag_run WHERE dag_id = ? AND run_id = ?", dag_id,
                          run_id)

    def wait_run(self, dag_id, run_id, state=None):
        """Waits until a run has ended, or has the state, and returns its state."""
        wanted = (state,) if state else ("success", "failed")

        def reached():
            now = self.run_state(dag_id, run_id)
            return now if now in wanted else None
        return self.wait(reached, f"run {run_id} of {dag_id} to be {' or '.join(wanted)}")

    def task(self, dag_id, run_id, task_id):
        """The row of a task instance, None where there is none."""
        found = self.rows("SELECT * FROM task_instance WHERE dag_id = ? AND run_id = ? AND "
                          "task_id = ?", dag_id, run_id, task_id)
        return found[0] if found else None

    def wait_task(self, dag_id, run_id, task_id, state):
        """Waits until a task instance has the state, and returns its row."""
        def reached():
            row = self.task(dag_id, run_id, task_id)
            return row if row and row["state"] == state else None
        return self.wait(reached, f"{dag_id}.{task_id} of {run_id} to be {state}")

    def states(self, dag_id, run_id):
        """The states of all tasks of a run, by task id."""
        return {row["task_id"]: row["state"] for row in self.rows(
            "SELECT task_id, state FROM task_instance WHERE dag_id = ? AND run_id = ?", dag_id,
            run_id)}

    def xcom(self, dag_id, run_id, task_id, key="return_value"):
        """The value of an XCom."""
        text = self.value("SELECT value FROM xcom WHERE dag_id = ? AND run_id = ? AND task_id = ? "
                          "AND key = ?", dag_id, run_id, task_id, key)
        return None if text is None else json.loads(text)

    def log(self, dag_id, run_id, task_id, attempt=1):
        """The text of a log file."""
        return (self.logs / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={task_id}" /
                f"attempt={attempt}.log").read_text(encoding="utf-8")

    # --- What several tests do ---

    def trigger(self, dag_id, run_id, conf=None):
        """Triggers a run through the command line, once the DAG is imported."""
        self.wait_dag(dag_id)
        more = ["--conf", json.dumps(conf)] if conf is not None else []
        self.cli("dags", "trigger", dag_id, "--run-id", run_id, *more)

    def complete(self, dag_id, run_id="r1", conf=None):
        """Triggers a run, waits for its end and returns (state of the run, states of its tasks)."""
        self.trigger(dag_id, run_id, conf)
        state = self.wait_run(dag_id, run_id)
        return state, self.states(dag_id, run_id)

    def gate(self, name):
        """A shell command that blocks until the test opens the gate: it opens a pipe for reading,
        which takes a writer."""
        path = self.scratch / name
        if not path.exists():
            os.mkfifo(path)
        return f": < {path}"

    def open_gate(self, name):
        """Lets all go on that wait at the gate, or will come to it."""
        self._gates.append(os.open(self.scratch / name, os.O_RDWR | os.O_CLOEXEC))

    def describe(self):
        """What to know when something went wrong."""
        parts = []
        if self.metadata.exists():
            for sql in (
                "SELECT dag_id, is_paused, is_active, has_import_errors FROM dag LIMIT 20",
                "SELECT filename, stacktrace FROM import_error LIMIT 5",
                "SELECT dag_id, run_id, state FROM dag_run ORDER BY id DESC LIMIT 20",
                "SELECT dag_id, run_id, task_id, state, try_number, external_executor_id, pid FROM "
                "task_instance WHERE state IS NOT 'success' LIMIT 30",
            ):
                try:
                    rows = self.rows(sql)
                except Exception as error:  # it shall not hide the failure
                    rows = [error]
                parts += [f"--- {sql}", *map(str, rows)]
        if self.server_log.exists():
            log = self.server_log.read_text(encoding="utf-8", errors="replace")
            parts += ["--- server log (end)", *log.splitlines()[-60:]]
        parts += ["--- processes", *map(str, self.processes().items())]
        return "\n" + "\n".join(parts)


def _as_text(value):
    """Times as SQLite's columns have them."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value


class Code(str):
    """An argument that stands in a DAG file as it is."""


_IMPORTS = """
from datetime import timedelta

import pendulum

from airflow import DAG
from airflow.decorators import task
from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
"""


def wait_for(condition, what, engine=None, seconds=DEADLINE_SECONDS, every=_LOOK_SECONDS):
    """Waits for what no commit tells of, such as a file or the end of a process. `every`: where a
    look costs somebody else more than a moment."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}"
                                 f"{engine.describe() if engine else ''}")
        time.sleep(every)
    return value


def processes_of(home):
    """The processes that work for a home: {pid: command line}."""
    mark = f"BEEFLOW_HOME={home}".encode()
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                found[int(folder.name)] = b" ".join(words).decode(errors="replace")
        except OSError:
            continue  # it ended, or it is another user's
    return found


def is_alive(pid):
    """Whether the process runs; one that waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


class EngineTest(unittest.TestCase):
    """A test with an engine of its own. Where it fails, the state of the engine is printed."""

    SETTINGS = {}
    maxDiff = None

    def run(self, result=None):
        self._result = result
        return super().run(result)

    def setUp(self):
        self.engine = Engine(self.SETTINGS)
        self.addCleanup(self.engine.close)
        self._bad_before = self._bad()
        self.addCleanup(self._describe_failure)

    def _bad(self):
        return len(self._result.failures) + len(self._result.errors) if self._result else 0

    def _describe_failure(self):
        if self._bad() > self._bad_before:
            print(f"=== {self.id()}{self.engine.describe()}", flush=True)
