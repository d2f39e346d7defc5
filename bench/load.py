"""The figures of starts and of many attempts at once; for bench.py."""

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))
from engine import Engine  # noqa: E402

LIMITS_OFF = {"core.default_pool_task_slot_count": 100_000, "core.parallelism": 100_000,
              "core.max_map_length": 100_000, "worker.max_concurrency": 100_000}
# A task that tells when its code runs: the result becomes an XCom.
_CLOCKS = {
    "Bash": "BashOperator(task_id='t', bash_command='echo $EPOCHREALTIME')",
    "Python": "PythonOperator(task_id='t', python_callable=lambda: __import__('time').time())",
}


def start_ms(engine, complete, seconds, dag_id, run_id):
    """From the commit that queues the task to the clock that its code reads."""
    complete(engine, dag_id, run_id)
    queued = engine.task(dag_id, run_id, "t")["queued_dttm"]
    return 1e3 * (float(engine.xcom(dag_id, run_id, "t")) - seconds(queued))


def bench_starts(table, limits, times, complete, seconds):
    """First: neither worker nor zygote is there. Cold: they are, but each task is the first of its
    file. Warm: the same once more."""
    bare = {"Bash": limits["start"], "Python": limits["fork"]}
    budgets = {("Bash", "cold"): 2, ("Python", "cold"): 15}
    spent = {(start, kind): [] for start in ("first", "cold", "warm") for kind in _CLOCKS}
    for kind, task in _CLOCKS.items():
        for _ in range(max(2, times // 5)):
            engine = Engine(LIMITS_OFF)
            try:
                engine.write_dag("first", task)
                engine.set({"worker.keep_alive_seconds": 1})
                engine.start()
                engine.wait_dag("first")
                engine.wait_no_process("beeflow worker")
                spent["first", kind].append(start_ms(engine, complete, seconds, "first", "r"))
            finally:
                engine.close()
    engine = Engine(LIMITS_OFF)
    try:
        for kind, task in _CLOCKS.items():
            for i in range(times):
                engine.write_dag(f"{kind}_{i}", task)
        engine.start()
        for start in ("cold", "warm"):
            for kind in _CLOCKS:
                spent[start, kind] = [start_ms(engine, complete, seconds, f"{kind}_{i}", start)
                                      for i in range(times)]
    finally:
        engine.close()
    for (start, kind), waits in spent.items():
        if (start, kind) == ("warm", "Bash"):
            continue  # a command has no environment that could be warm
        limit = limits["pipe"] if start == "warm" else bare[kind]
        table.add(f"{start} start, {kind}: from queued to its code", statistics.median(waits), "ms",
                  limit + limits["sync"], budgets.get((kind, start)))


def bare_makespan(width):
    """Seconds that as many shells take without an engine that sleep 10 s, spawned in a row."""
    started = time.perf_counter()
    pids = [os.posix_spawn("/bin/bash", ["bash", "-c", "sleep 10"], os.environ)
            for _ in range(width)]
    for pid in pids:
        os.waitpid(pid, 0)
    return time.perf_counter() - started


def bench_many(table, width, complete):
    """Tasks of 10 s, all at once, and the same once more."""
    limit = bare_makespan(width)
    engine = Engine({**LIMITS_OFF, "worker.keep_alive_seconds": 1})
    try:
        engine.write_dag("many", f"for i in range({width}):\n"
                         "    BashOperator(task_id=f't{i}', bash_command='sleep 10')",
                         max_active_tasks=100_000)
        engine.start()
        engine.wait_dag("many")
        engine.wait_no_process("beeflow worker")
        for run_id, budget in (("cold", 11), ("warm", 10.5)):
            makespan = complete(engine, "many", run_id)[1]
            table.add(f"makespan of {width} tasks of 10 s, {run_id}", makespan, "s", limit,
                      budget)
    finally:
        engine.close()


def proportional_mb(pids):
    """Memory of processes, with what they share split among them."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue  # it has just ended
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def bench_memory_of_attempts(table, width):
    """What running attempts take, in all processes: the server's, the worker's, their own."""
    for kind, task in (("Bash", "BashOperator.partial(task_id='t').expand(bash_command={args})"),
                       ("Python", "PythonOperator.partial(task_id='t', python_callable=wait)"
                                  ".expand(op_args={args})")):
        count = width if kind == "Bash" else width // 10
        engine = Engine(LIMITS_OFF)
        try:
            gate = engine.gate("go")
            args = f"[{gate!r}] * {count}" if kind == "Bash" else f"[[]] * {count}"
            engine.write_dag("wide", "def wait():\n"
                             f"    open({str(engine.scratch / 'go')!r}).close()\n"
                             + task.format(args=args), max_active_tasks=100_000)
            engine.start()
            engine.wait_dag("wide")
            before = proportional_mb(engine.processes())
            engine.trigger("wide", "r")
            engine.wait(lambda: engine.value("SELECT count(*) FROM task_instance WHERE state = "
                                             "'running'") == count, "all to run", 120)
            time.sleep(1)  # for the last of them to settle
            spent = proportional_mb(engine.processes()) - before
            table.add(f"memory of a running {kind} attempt, {count:,} at once", spent / count, "MB")
            engine.open_gate("go")
            engine.wait_run("wide", "r")
        finally:
            engine.close()
