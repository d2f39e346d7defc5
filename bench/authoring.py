"""The figures of DAG files: their import, and the Python processes that do it; for bench.py."""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_ROOT / "tests" / "e2e"))
from engine import Engine  # noqa: E402

_PYTHON = "/usr/bin/python3"  # that of the engine's default settings


def bench_preload(table, times):
    """What stands between the start of a zygote and its first fork. With compiled files, which
    `make build` and `make install` see to."""
    subprocess.run([_PYTHON, "-m", "compileall", "-q", _ROOT / "python"], check=True)
    spent = [1e3 * zygote_start_seconds() for _ in range(times)]
    table.add("import of the authoring API in the zygote, median", statistics.median(spent), "ms",
              None, 60)


def zygote_start_seconds():
    """The import time that a new zygote reports; it ends when its socket closes."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            zygote = subprocess.Popen(
                [_PYTHON, "-m", "beeflow_worker.zygote", "--fd", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], env={**os.environ, "PYTHONPATH": str(_ROOT / "python")})
        with ours.makefile("rb") as frames:
            length = int.from_bytes(frames.read(4), "big")
            ready = json.loads(frames.read(length))
    zygote.wait()
    return ready["seconds"]


def bench_parsing(table, files, changes):
    engine = Engine()
    try:
        for i in range(files):
            write_small(engine, f"dag_{i}")
        started = time.perf_counter()
        engine.start()
        engine.wait(lambda: engine.value("SELECT count(*) FROM dag") == files, "all imports", 600)
        rate = files / (time.perf_counter() - started)
        table.add(f"first start with {files:,} DAG files", rate, "files/s")
        log = engine.server_log.read_text(encoding="utf-8")
        spent = sorted(float(line.split(" in ")[1].split(" s:")[0]) * 1e3
                       for line in log.splitlines() if " info imported " in line)
        table.add("import of a DAG file, median", statistics.median(spent), "ms")
        table.add("import of a DAG file, p95", spent[int(len(spent) * 0.95)], "ms")
        reparses = [reparse_ms(engine, f"dag_{i % files}", i) for i in range(changes)]
        table.add(f"change of one of {files:,} files, from written to committed, median",
                  statistics.median(reparses), "ms")
    finally:
        engine.close()


def write_small(engine, dag_id, change="none"):
    engine.write_dag(dag_id, "BashOperator(task_id='t', bash_command='true')", description=change)


def reparse_ms(engine, dag_id, change):
    started = time.perf_counter()
    write_small(engine, dag_id, f"change {change}")
    engine.wait(lambda: engine.value("SELECT description FROM dag WHERE dag_id = ?", dag_id) ==
                f"change {change}", "the change")
    return (time.perf_counter() - started) * 1e3


def private_mb(pid):
    """Memory that the process shares with no other."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def bench_environments(table, count):
    """Environments that have each run one no-op Python task of a small file, and wait for more."""
    engine = Engine()
    try:
        for i in range(count):
            engine.write_dag(f"small_{i}",
                             "PythonOperator(task_id='t', python_callable=lambda: None)")
        engine.start()
        for i in range(count):
            engine.wait_dag(f"small_{i}")
            engine.complete(f"small_{i}")
        zygotes = sorted(pid for pid, command in engine.processes().items()
                         if "beeflow_worker.zygote" in command)
        sizes = [private_mb(pid) for pid in zygotes[1:]]
        table.add("private memory of a Python environment, median", statistics.median(sizes), "MB",
                  None, 8)
        table.add("private memory of the zygote", private_mb(zygotes[0]), "MB")
    finally:
        engine.close()
