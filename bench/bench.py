#!/usr/bin/python3
"""Measures the engine as a user sees it, next to the machine's own limits in the same run.

Prints one table: figure, measured, limit, ratio, budget, verdict. Times come from the database, or
from clocks that the tasks themselves read. `--quick` takes fewer and shorter samples; `--build DIR`
names the build folder that holds the program and scheduler_bench. What each figure means:
docs/benchmarks.md.
"""

import argparse
import datetime
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))
from authoring import bench_environments, bench_parsing, bench_preload  # noqa: E402
from engine import EXAMPLES, Engine  # noqa: E402
from scale_out import bench_scale_out  # noqa: E402
from load import LIMITS_OFF, bench_many, bench_memory_of_attempts, bench_starts  # noqa: E402

# Above this share of the processors in use by others, times say little.
_BUSY_MAX = 0.05


class Table:
    """The figures, in the order in which they were measured."""

    def __init__(self):
        self._rows = []

    def add(self, figure, measured, unit, limit=None, budget=None, is_rate=False):
        """`budget` bounds `measured` in the same unit: from above, or from below for a rate."""
        good = "" if budget is None else (
            "ok" if (measured >= budget if is_rate else measured <= budget) else "MISS")
        ratio = "" if not limit else f"{measured / limit:.2f}"
        row = [figure, f"{measured:,.3f} {unit}", f"{limit:,.3f} {unit}" if limit else "", ratio,
               f"{budget:,.3f} {unit}" if budget is not None else "", good]
        self._rows.append(row)
        print("  " + ", ".join(cell for cell in row if cell), file=sys.stderr, flush=True)

    def print(self):
        rows = [["figure", "measured", "limit, same run", "ratio", "budget", ""]] + self._rows
        widths = [max(len(row[i]) for row in rows) for i in range(6)]
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def median_ms(function, times):
    """The median time of one call, in milliseconds."""
    samples = []
    for _ in range(times):
        started = time.perf_counter()
        function()
        samples.append((time.perf_counter() - started) * 1e3)
    return statistics.median(samples)


def spawn():
    os.waitpid(os.posix_spawn("/bin/bash", ["bash", "-c", "true"], os.environ), 0)


def spawn_after_pause():
    """Milliseconds until a shell reads its clock, spawned by a process that had nothing to do for a
    moment: its caches are as cold as those of what waits for a task."""
    time.sleep(0.02)
    ours, theirs = os.pipe()
    started = time.time()
    pid = os.posix_spawn("/bin/bash", ["bash", "-c", "echo $EPOCHREALTIME"], os.environ,
                         file_actions=[(os.POSIX_SPAWN_DUP2, theirs, 1)])
    os.waitpid(pid, 0)
    clock = float(os.read(ours, 64))
    os.close(ours)
    os.close(theirs)
    return 1e3 * (clock - started)


def make_echo():
    """A process that answers each byte, as a warm interpreter answers a task; returns a call."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        while data := theirs.recv(1):
            theirs.send(data)
        os._exit(0)
    theirs.close()

    def call():
        ours.send(b"x")
        ours.recv(1)
    return call


def fork_and_import():
    """What a Python task costs without an engine: a forked interpreter that runs a small file."""
    pid = os.fork()
    if pid == 0:
        exec(compile("import types\nx = types.SimpleNamespace(a=1)\n", "x.py", "exec"), {})
        os._exit(0)
    os.waitpid(pid, 0)


def measure_limits(times):
    """Bare costs of this machine: milliseconds, and no-op shells per second."""
    with tempfile.TemporaryFile() as file:
        def commit():
            os.pwrite(file.fileno(), b"x" * 4096, 0)
            os.fdatasync(file.fileno())
        sync = median_ms(commit, times)
    start = statistics.median(spawn_after_pause() for _ in range(times))
    return {"spawn": median_ms(spawn, times), "start": start,
            "fork": median_ms(fork_and_import, times),
            "pipe": median_ms(make_echo(), times), "sync": sync,
            "rate": shells_per_second(times)}


def shells_per_second(times):
    """No-op shells that xargs runs, four at a time; the median of three rounds."""
    count = 10 * times
    words = "x\n" * count
    rounds = [0.0] * 3
    for i in range(len(rounds)):
        started = time.perf_counter()
        subprocess.run(["xargs", "-P4", "-I{}", "bash", "-c", "true"], input=words, text=True,
                       check=True)
        rounds[i] = count / (time.perf_counter() - started)
    return statistics.median(rounds)


def seconds(text):
    """A time of the database, in seconds since 1970; exact to the microsecond, unlike SQLite's own
    julianday."""
    moment = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp()


def complete(engine, dag_id, run_id):
    """Runs a DAG to its end; returns the seconds from the start of the run to its end, and from
    the moment at which it was asked for to its end. It is asked for by a row, since a command that
    starts and ends at the same time would take processor time from what is measured."""
    engine.wait_dag(dag_id)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
    engine.edit("INSERT INTO dag_run (dag_id, run_id, execution_date, queued_at) VALUES "
                "(?, ?, ?, ?)", dag_id, run_id, now, now)
    if engine.wait_run(dag_id, run_id) != "success":
        raise SystemExit(f"bench: run {run_id} of {dag_id} failed{engine.describe()}")
    row, = engine.rows("SELECT start_date, end_date FROM dag_run WHERE dag_id = ? AND run_id = ?",
                       dag_id, run_id)
    end = seconds(row["end_date"])
    return end - seconds(row["start_date"]), end - seconds(now)


def wall_seconds(engine, dag_id, run_id):
    """From before a run is asked for until its end can be read: for what the engine decides and
    commits at once, so that its own times are all the same."""
    started = time.perf_counter()
    complete(engine, dag_id, run_id)
    return time.perf_counter() - started


CHAIN = """
previous = None
for i in range({n}):
    task = {task}
    if previous:
        previous >> task
    previous = task
"""
# Tasks that tell when they run: the last line, and the result, become an XCom.
CLOCKS = {
    "Bash": "BashOperator(task_id=f't{i}', bash_command='echo $EPOCHREALTIME')",
    "Python": "PythonOperator(task_id=f't{i}', python_callable=lambda: __import__('time').time())",
}
TASKS = {
    "Bash": "BashOperator(task_id=f't{i}', bash_command='true')",
    "Bash with template": "BashOperator(task_id=f't{i}', bash_command='true {{ ds }}')",
    "Python": "PythonOperator(task_id=f't{i}', python_callable=lambda: None)",
    "Empty": "EmptyOperator(task_id=f't{i}')",
}


def task_rows(engine, dag_id, run_id):
    """The tasks of a run in the order in which they ran."""
    return engine.rows("SELECT task_id, queued_dttm, start_date, end_date FROM task_instance WHERE "
                       "dag_id = ? AND run_id = ? ORDER BY start_date, end_date", dag_id, run_id)


def chain_hops(engine, dag_id, run_id):
    """Milliseconds from the end of each task of a chain to the start of the next."""
    rows = task_rows(engine, dag_id, run_id)
    return [1e3 * (seconds(after["start_date"]) - seconds(before["end_date"]))
            for before, after in zip(rows, rows[1:])]


def clock_steps(engine, dag_id, run_id):
    """Milliseconds between the clocks that the tasks of a chain read."""
    times = [float(engine.xcom(dag_id, run_id, row["task_id"]))
             for row in task_rows(engine, dag_id, run_id)]
    return [1e3 * (after - before) for before, after in zip(times, times[1:])]


def bench_chains(table, limits, length):
    engine = Engine(LIMITS_OFF)
    try:
        for name, task in TASKS.items():
            engine.write_dag("chain_" + name.replace(" ", "_"),
                             CHAIN.format(n=200 if name == "Empty" else length, task=task))
        for name, task in CLOCKS.items():
            engine.write_dag(f"clocks_{name}", CHAIN.format(n=length, task=task))
        engine.start()
        for name in ("Bash", "Bash with template", "Python"):
            dag_id = "chain_" + name.replace(" ", "_")
            complete(engine, dag_id, "warm-up")
            complete(engine, dag_id, "r")
            hops = sorted(chain_hops(engine, dag_id, "r"))
            table.add(f"chain hop, {name}, median", statistics.median(hops), "ms",
                      limits["sync"], 3)
            table.add(f"chain hop, {name}, p95", hops[int(len(hops) * 0.95)], "ms")
        for name in CLOCKS:
            complete(engine, f"clocks_{name}", "warm-up")
            complete(engine, f"clocks_{name}", "r")
            steps = clock_steps(engine, f"clocks_{name}", "r")
            table.add(f"chain, {name}, from task's clock to task's clock, median",
                      statistics.median(steps), "ms",
                      limits["sync"] + limits["spawn" if name == "Bash" else "pipe"], 3)
        empty = [wall_seconds(engine, "chain_Empty", f"r{i}") for i in range(5)]
        table.add("chain of 200 Empty tasks", statistics.median(empty), "s",
                  200 * limits["sync"] / 1e3, 0.2)
    finally:
        engine.close()


def median_rate(engine, dag_id, count, series=""):
    """Tasks per second over three runs, after one that warms up."""
    complete(engine, dag_id, f"{series}warm-up")
    return statistics.median(count / complete(engine, dag_id, f"{series}r{i}")[0]
                             for i in range(3))


def bench_throughput(table, limits, count):
    body = "for i in range({n}):\n    {task}\n"
    engine = Engine({**LIMITS_OFF, "worker.max_concurrency": 4})
    try:
        for name in ("Bash", "Python"):
            engine.write_dag(f"many_{name}", body.format(n=count, task=TASKS[name]),
                             max_active_tasks=100_000)
        engine.start()
        rate = median_rate(engine, "many_Bash", count)
        table.add("no-op Bash tasks", rate, "/s", limits["rate"], 0.75 * limits["rate"], True)
        rate = median_rate(engine, "many_Python", count)
        table.add("no-op Python tasks, warm", rate, "/s", None, 3000, True)
    finally:
        engine.close()


def write_unscheduled(engine, name):
    """The example, but run on request only: a scheduled run would come in between."""
    source = (EXAMPLES / "parallel" / f"{name}.py").read_text(encoding="utf-8")
    source, count = re.subn(r'schedule(_interval)?="[^"]*"', "schedule=None", source)
    assert count == 1, name
    engine.write(f"{name}.py", source)


def bench_parallel(table, names):
    """Makespans as a user sees them, from the trigger to the end of the run: with nothing but the
    server there (no worker, no interpreter), and right after that."""
    for name in names:
        engine = Engine({**LIMITS_OFF, "worker.keep_alive_seconds": 1})
        try:
            write_unscheduled(engine, name)
            engine.start()
            engine.wait_dag(name)
            engine.wait_no_process("beeflow worker")
            for run_id in ("cold", "warm"):
                makespan = complete(engine, name, run_id)[1]
                budget = 10.5 if (name, run_id) == ("10s_125t", "cold") else None
                table.add(f"makespan of {name}, {run_id}", makespan, "s", 10, budget)
        finally:
            engine.close()


def resident_mb(pid):
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def usage(pid):
    """CPU seconds, and how often its threads were woken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    wakes = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("voluntary_ctxt_switches:"):
                wakes += int(line.split()[1])
    return cpu, wakes


def bench_idle(table, seconds):
    engine = Engine({"worker.keep_alive_seconds": 0})
    try:
        engine.write_dag("idle", "BashOperator(task_id='t', bash_command='true')")
        engine.start()
        complete(engine, "idle", "r")
        engine.wait_no_process("beeflow worker")
        pid = engine.server.pid
        settled_mb(pid)  # it hears of the worker's end
        before = usage(pid)
        time.sleep(seconds)  # the measurement itself: a span of idleness
        after = usage(pid)
        table.add(f"CPU over {seconds} s idle", after[0] - before[0], "s", None, 0)
        table.add(f"wake-ups over {seconds} s idle", after[1] - before[1], "", None, 0)
        table.add("resident memory, idle", resident_mb(pid), "MB", None, 25)
    finally:
        engine.close()


def settled_mb(pid):
    """Resident memory once what a burst has freed is given back."""
    time.sleep(1)
    return resident_mb(pid)


def bench_memory(table, tasks):
    """100,000 task instances that wait for a pool: active, without processes."""
    engine = Engine(LIMITS_OFF)
    try:
        engine.write_dag("wide", f"for i in range({tasks}):\n"
                         "    BashOperator(task_id=f't{i}', bash_command='true', pool='closed')",
                         max_active_tasks=100_000)
        engine.cli("pools", "set", "closed", "0", "nothing runs")
        engine.start()
        empty = resident_mb(engine.server.pid)
        engine.wait(lambda: engine.value("SELECT count(*) FROM serialized_dag"), "the import", 120)
        before = settled_mb(engine.server.pid)
        engine.trigger("wide", "r")
        engine.wait(lambda: engine.value("SELECT count(*) FROM task_instance WHERE state = "
                                         "'scheduled'") == tasks, "all to be scheduled", 120)
        after = settled_mb(engine.server.pid)
        table.add(f"resident memory, {tasks:,} active task instances", after, "MB")
        table.add("of it, for each task of the DAG", (before - empty) * 2**20 / tasks, "bytes")
        table.add("of it, for each active task instance", (after - before) * 2**20 / tasks,
                  "bytes", None, 300)
    finally:
        engine.close()


def bench_passes(table, build):
    """From scheduler_bench: the scheduler alone, without a database."""
    program = build / "src" / "scheduler" / "scheduler_bench"
    out = subprocess.run([program, "--benchmark_format=json"], capture_output=True, check=True)
    by_name = {entry["name"]: entry for entry in json.loads(out.stdout)["benchmarks"]}
    small = by_name["PassOverOneChange/100"]["cpu_time"] / 1e3
    for size in ("100", "10000", "100000"):
        entry = by_name[f"PassOverOneChange/{size}"]
        spent = entry["cpu_time"] / 1e3
        table.add(f"pass over one change, {int(size):,} tasks", spent, "us", small)
    for name, entry in by_name.items():
        if name.startswith("MemoryPerTaskInstance"):
            table.add("memory of an active task instance", entry["bytes_per_task_instance"],
                      "bytes", None, 300)


def busy_share(seconds_watched=1):
    """The share of all processors that was in use: what others take from the measurement."""
    def ticks():
        fields = [int(word) for word in Path("/proc/stat").read_text(
            encoding="ascii").splitlines()[0].split()[1:]]
        return sum(fields[:8]), fields[3] + fields[4]  # all; idle or waiting for a disk
    before = ticks()
    time.sleep(seconds_watched)  # the measurement itself
    after = ticks()
    return 1 - (after[1] - before[1]) / max(1, after[0] - before[0])


def describe_machine(busy):
    """What to know before two tables are compared."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    text = (f"{os.cpu_count()} processors, {memory:.0f} GB, Linux {os.uname().release}; "
            f"others used {busy:.0%} of the processors")
    if busy > _BUSY_MAX:
        text += ": NOT comparable, run it again on a quiet machine"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter samples")
    parser.add_argument("--build", type=Path, default=Path("build"), help="build folder")
    options = parser.parse_args()
    Engine.keeps_folders = True
    with tempfile.TemporaryDirectory(prefix="beeflow-bench-") as folder:
        tempfile.tempdir = folder
        measure(options)


def measure(options):
    os.environ.setdefault("BEEFLOW_BINARY", str(options.build.resolve() / "beeflow"))
    quick = options.quick
    table = Table()
    busy = busy_share()
    limits = measure_limits(50 if quick else 200)
    for name, unit in (("spawn", "ms"), ("start", "ms"),
                       ("fork", "ms"), ("pipe", "ms"), ("sync", "ms"),
                       ("rate", "/s")):
        table.add({"spawn": "limit: spawn of bash -c true", "fork": "limit: fork and import",
                   "start": "limit: after a pause, from spawn of bash to its clock",
                   "pipe": "limit: message to a process and back",
                   "sync": "limit: write and fdatasync",
                   "rate": "limit: xargs -P4 bash -c true"}[name], limits[name], unit)
    bench_passes(table, options.build)
    bench_chains(table, limits, 30 if quick else 100)
    bench_starts(table, limits, 3 if quick else 15, complete, seconds)
    bench_throughput(table, limits, 300 if quick else 2000)
    bench_scale_out(table, limits, 30 if quick else 100, 300 if quick else 2000,
                    sys.modules[__name__])
    bench_preload(table, 5 if quick else 20)
    bench_parsing(table, 100 if quick else 1000, 5 if quick else 30)
    bench_environments(table, 2 if quick else 8)
    sizes = (20, 160) if quick else (20, 40, 80, 125, 160)
    bench_parallel(table, [f"10s_{n}t" for n in sizes])
    bench_many(table, 200 if quick else 500, complete)
    bench_memory_of_attempts(table, 100 if quick else 1000)
    bench_memory(table, 10_000 if quick else 100_000)
    bench_idle(table, 10 if quick else 60)
    busy = max(busy, busy_share())
    table.print()
    print(describe_machine(busy))


if __name__ == "__main__":
    main()
