"""How fast the pages of the web UI are, in a real browser without a window.

    /usr/bin/python3 bench/ui_figures.py [--times 9]
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))
from engine import Engine  # noqa: E402
from test_ui_pages import Browser  # noqa: E402

_TASKS = 1_000
_RUNS = 30
_LARGE = 10_000
_EDITS = 100


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


def median_of(browser, times, *arguments):
    """Medians of the first paint and of what is waited for, in ms."""
    every = [browser.timings(*arguments) for _ in range(times)]
    return [statistics.median(one[name] for one in every) for name in ("painted", "seen")]


def bench_pages(browser, table, times):
    """The list of DAGs, the grid and the graph."""
    painted, seen = median_of(browser, times, "/dags", ".dag-rows .dag-row", {"isCached": False})
    table("first visit: first paint, ms", painted)
    table("first visit: list of DAGs, ms", seen)
    painted, seen = median_of(browser, times, "/dags", ".dag-rows .dag-row")
    table("later visit: first paint, ms", painted)
    table("later visit: list of DAGs, ms", seen)
    table(f"grid of {_TASKS} tasks x {_RUNS} runs, ms",
          median_of(browser, times, "/dags/wide/grid", ".grid-row .cell[data-state]")[1])
    table(f"graph of {_LARGE} tasks, ms",
          median_of(browser, times, "/dags/large/graph", ".graph-far path")[1])


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

    def table(name, value):
        print(f"{name:60} {value:10.2f}", flush=True)
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
            bench_pages(browser, table, options.times)
            bench_changes(engine, browser, table)
        finally:
            browser.close()
    finally:
        engine.close()


if __name__ == "__main__":
    main()
