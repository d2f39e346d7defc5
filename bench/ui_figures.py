"""How fast the pages of the web UI are, in a real browser without a window.

    /usr/bin/python3 bench/ui_figures.py [--times 9]

Beside the times stand their budgets, and what the same browser takes, in the same run, for a page
that is nothing but a table of as many cells; processor time tells how much others were in the way.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))
from bench import busy_share, describe_machine  # noqa: E402
from engine import Engine  # noqa: E402
from test_ui_pages import Browser  # noqa: E402

_TASKS = 1_000
_RUNS = 30
_LARGE = 10_000
_EDITS = 100
_GRID_BUDGET_MS = 500


def chains(count):
    """The body of a DAG of that many tasks in chains of ten."""
    return f"""
        for i in range({count // 10}):
            last = None
            for j in range(10):
                now = EmptyOperator(task_id=f"t{{i}}_{{j}}")
                if last:
                    last >> now
                last = now
    """


def medians(times, load):
    """Medians of what a load tells: "painted", "seen" and "cpu", in ms."""
    every = [load() for _ in range(times)]
    return {name: statistics.median(one[name] for one in every if one[name] is not None)
            for name in ("painted", "seen", "cpu")}


def bench_pages(browser, table, times):
    """The list of DAGs, the grid and the graph, each beside a plain table."""
    first = medians(times, lambda: browser.timings("/dags", ".dag-rows .dag-row",
                                                   {"isCached": False}))
    table("first visit: first paint, ms", first["painted"])
    table("first visit: list of DAGs, ms", first["seen"])
    later = medians(times, lambda: browser.timings("/dags", ".dag-rows .dag-row"))
    table("later visit: first paint, ms", later["painted"])
    table("later visit: list of DAGs, ms", later["seen"])
    plain = medians(times, lambda: browser.plainTableTimings(_TASKS, _RUNS))
    table(f"limit: plain table of {_TASKS} x {_RUNS}, ms", plain["seen"])
    table(f"limit: plain table of {_TASKS} x {_RUNS}, processor ms", plain["cpu"])
    grid = medians(times, lambda: browser.timings("/dags/wide/grid",
                                                  ".grid-row .cell[data-state]"))
    table(f"grid of {_TASKS} tasks x {_RUNS} runs, ms", grid["seen"], _GRID_BUDGET_MS)
    table(f"grid of {_TASKS} tasks x {_RUNS} runs, processor ms", grid["cpu"])
    graph = medians(times, lambda: browser.timings("/dags/large/graph", ".graph-far path"))
    table(f"graph of {_LARGE} tasks, ms", graph["seen"])
    table(f"graph of {_LARGE} tasks, processor ms", graph["cpu"])


def bench_server(engine, table, times):
    """What of it is the server's: each answer alone, over a connection of its own."""
    for name, path in (("grid", "wide/grid"), ("structure", "wide/structure"),
                       (f"structure of {_LARGE} tasks", "large/structure")):
        spent = []
        for _ in range(times):
            began = time.perf_counter()
            with urlopen(f"http://127.0.0.1:{engine.port}/api/v1/ui/dags/{path}") as answer:
                size = len(answer.read())
            spent.append(1e3 * (time.perf_counter() - began))
        table(f"server: {name}, {size >> 10} KB, ms", statistics.median(spent))


def bench_changes(engine, browser, table):
    """From the return of a commit that ends a task to its cell, in the grid of many."""
    browser.open("/dags/wide/grid")
    browser.see(".grid-row .cell[data-state]")
    cell = f'.grid-row[data-node="t0_0"] .cell[data-run="{_RUNS - 1}"]'
    spent = []
    for number in range(_EDITS):
        state = "failed" if number % 2 else "skipped"
        browser.watch(f'{cell}[data-state="{state}"]')
        engine.edit("UPDATE task_instance SET state = ? WHERE dag_id = 'wide' AND run_id = ?"
                    " AND task_id = 't0_0'", state, f"r{_RUNS - 1:02}")
        committed = 1e3 * time.time()
        spent.append(browser.seen() - committed)
    spent.sort()
    table("end of a task, from its commit to its cell, median ms", statistics.median(spent))
    table("end of a task, from its commit to its cell, p99 ms", spent[int(len(spent) * 0.99)])


def main():
    """Prints one line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=9, help="how often each page is loaded")
    options = parser.parse_args()

    def table(name, value, budget=None):
        held = "" if budget is None else f"   budget {budget} {'ok' if value <= budget else 'MISS'}"
        print(f"{name:60} {value:10.2f}{held}", flush=True)
    busy = busy_share()
    engine = Engine({"core.max_active_tasks_per_dag": 100_000})
    try:
        engine.write_dag("wide", chains(_TASKS))
        engine.write_dag("large", chains(_LARGE))
        engine.start()
        for number in range(_RUNS):
            engine.complete("wide", f"r{number:02}")
        engine.complete("large", "r")
        browser = Browser(f"http://127.0.0.1:{engine.port}")
        try:
            bench_server(engine, table, options.times)
            bench_pages(browser, table, options.times)
            bench_changes(engine, browser, table)
        finally:
            browser.close()
        print(describe_machine(busy))
    finally:
        engine.close()


if __name__ == "__main__":
    main()
