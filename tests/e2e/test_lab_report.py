"""`beeflow lab report`: the summary, the page as a real browser shows it, and the images."""

import csv
import datetime
import json
import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from engine import REPOSITORY, EngineTest

BROWSER_SECONDS = 300  # it shares the machine with the other tests
SCREENSHOTS = Path(os.environ.get("BEEFLOW_SCREENSHOTS", REPOSITORY / "build" / "screenshots"))
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
HARMLESS = "manual__</script><script>document.title='taken'</script><b>"


def _at(seconds):
    return (START + datetime.timedelta(seconds=seconds)).isoformat(" ")


class Export:
    """The CSV files of one system, as `beeflow export` lays them out."""

    def __init__(self, folder):
        self._folder = folder
        self._tables = {"dagrun": [], "taskinstance": [], "attempt": [], "dagtask": []}

    def dag(self, dag_id, tasks):
        """One task that comes first, and `tasks` behind it."""
        row = {"dag_id": dag_id, "task_id": "first", "operator": "BashOperator",
               "upstream_task_ids": ""}
        self._tables["dagtask"] += [row] + [
            {**row, "task_id": f"t{i}", "upstream_task_ids": "first"} for i in range(tasks)]

    def run(self, dag_id, run_id, start, tasks, *, wait=0.02, cold=False, state="success"):
        """Each task of 10 s starts `wait` seconds after it could."""
        begin = start + wait + 1
        end = begin + wait + 10.25
        self._tables["dagrun"].append({
            "dag_id": dag_id, "run_id": run_id, "state": state, "execution_date": _at(start),
            "start_date": _at(start), "end_date": _at(end)})
        for i in range(-1, tasks):
            name = f"t{i}" if i >= 0 else "first"
            span = (begin + wait, begin + wait + 10) if i >= 0 else (start + wait, begin)
            row = {"dag_id": dag_id, "run_id": run_id, "task_id": name, "map_index": -1,
                   "state": "success", "try_number": 1, "start_date": _at(span[0]),
                   "end_date": _at(span[1])}
            self._tables["taskinstance"].append(row)
            self._tables["attempt"].append({**row, "attempt_id": f"{len(run_id)}",
                                            "start_type": "cold" if cold else "warm"})

    def write(self, without=()):
        for table, rows in self._tables.items():
            if not rows or table in without:
                continue
            path = self._folder / "export" / table / "dt=2026-01-01_00-00" / f"{table}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, rows[0])
                writer.writeheader()
                writer.writerows(rows)


class LabReportTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.results = self.engine.root / "results"
        self.page = self.engine.root / "report.html"

    def two_systems(self, sizes=(16, 32), runs=5):
        """serverless and mwaa on the same DAGs; one run of mwaa failed, and cold runs of ours."""
        ours = Export(self.results / "serverless")
        theirs = Export(self.results / "mwaa")
        for size in sizes:
            for export, wait in ((ours, 0.02), (theirs, 3.0)):
                dag_id = f"10s_{size}t"
                export.dag(dag_id, size)
                for i in range(runs):
                    failed = export is theirs and size == sizes[-1] and i == 1
                    export.run(dag_id, f"run_{size}_{i}", 300 * i, size, wait=wait * (1 + i / 10),
                               state="failed" if failed else "success")
        ours.dag("10s_16t_30cron", 16)
        ours.run("10s_16t_30cron", HARMLESS, 9000, 16, cold=True)
        ours.write()
        theirs.write(without=("attempt",))

    def report(self, *options):
        return self.engine.run("lab", "report", str(self.results), "-o", str(self.page), *options,
                               timeout=BROWSER_SECONDS)

    def probe(self):
        """What a browser finds on the page."""
        browser = shutil.which("chromium") or shutil.which("google-chrome")
        self.assertIsNotNone(browser, "no browser; see packages/test.txt")
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["node", REPOSITORY / "tests/browser/report_probe.js", self.page, browser, SCREENSHOTS],
            capture_output=True, text=True, timeout=BROWSER_SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_the_page_in_a_browser(self):
        self.two_systems()
        done = self.report("--exclude-run", "run_16_4")
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = self.probe()
        self.assertEqual(seen["complaints"], [])
        self.assertEqual(seen["requests"], [])
        self.check_charts(seen["first"])
        self.check_published(seen["first"])
        self.check_tables(seen["first"]["tables"])
        self.assertRegex(seen["hover"], r"run_16_0.*10|run_16_\d")
        self.assertIn("published", seen["hoverPublished"])
        self.check_exclusion(seen["first"], seen["excluded"])
        cold = seen["groups"]["parallel, 10 s tasks, cold"]
        self.assertEqual(self.points(cold, "#duration .chart", "cold"), 17)
        self.assertIn(HARMLESS, [row[4] for row in cold["tables"]["runs"]])
        for shot in seen["screenshots"]:
            self.assertGreater(Path(shot["file"]).stat().st_size, 50_000)
            self.assertLessEqual(shot["overflow"], 0, shot["file"])

    def points(self, view, chart, kind):
        return sum(trace["points"] for trace in view["charts"][chart]["traces"]
                   if trace["kind"] == kind)

    def check_charts(self, view):
        for name, chart in view["charts"].items():
            self.assertGreater(min(chart["size"]), 200, name)
            self.assertTrue(any("(s)" in axis or "seconds" in axis for axis in chart["axes"]), name)
        # 2 systems of 2 sizes, 5 runs each; one is excluded on both, one failed.
        self.assertEqual(self.points(view, "#makespan .chart", "plain"), 17)
        self.assertEqual(self.points(view, "#makespan .chart", "failed"), 1)
        # Tasks of the runs that count: 4 and 5 of ours, 4 and 4 of theirs.
        tasks = 17 * 4 + 33 * 5 + 17 * 4 + 33 * 4
        self.assertEqual(self.points(view, "#duration .chart", "plain"), tasks)
        self.assertEqual(self.points(view, "#wait .chart", "plain"), tasks)
        boxes = [trace for trace in view["charts"]["#makespan .chart"]["traces"]
                 if trace["type"] == "box"]
        self.assertEqual([(trace["name"], trace["points"]) for trace in boxes],
                         [("mwaa", 2), ("serverless", 2)])
        self.assertEqual(self.points(view, "#trend-makespan", "median"), 4)
        self.assertEqual(self.points(view, "#gantt-0", "running"), 33)
        self.assertEqual(self.points(view, "#scatter .chart", "pairs"), 8)

    def check_published(self, view):
        for chart in ("#makespan .chart", "#duration .chart", "#wait .chart"):
            traces = [trace for trace in view["charts"][chart]["traces"]
                      if trace["kind"] == "published"]
            self.assertEqual([trace["points"] for trace in traces], [2, 2], chart)
            self.assertTrue(all("published" in trace["name"] for trace in traces))
        self.assertEqual(self.points(view, "#trend-wait", "published"), 8)
        self.assertEqual(self.points(view, "#scatter .chart", "published"), 4)

    def check_tables(self, tables):
        rows = [row for row in tables["summary"] if len(row) > 1]
        ours = next(row for row in rows if row[:2] == ["serverless", "16 tasks"])
        self.assertEqual(ours[2], "4")
        self.assertEqual(ours[3], "11.30")  # the median of four
        theirs = next(row for row in rows if row[:2] == ["mwaa", "32 tasks"])
        self.assertEqual(theirs[2], "4 (+ 1 failed)")
        published = next(row for row in rows if row[0] == "mwaa published" and row[1] == "32 tasks")
        self.assertEqual((published[2], published[3]), ("–", "22.40"))
        failed = [row for row in tables["runs"] if row[5] == "failed"]
        self.assertEqual([(row[1], row[4]) for row in failed], [("mwaa", "run_32_1")])
        self.assertEqual(len(tables["runs"]), 20)

    def check_exclusion(self, before, after):
        size, number = re.fullmatch(r"run_(\d+)_(\d+)", after["run"]).groups()
        self.assertEqual(size, "32")
        both = 1 if number == "1" else 2  # their second run had failed
        self.assertEqual(self.points(after, "#makespan .chart", "plain"),
                         self.points(before, "#makespan .chart", "plain") - both)
        self.assertFalse(any("first" in text for trace
                             in after["charts"]["#duration .chart"]["traces"]
                             for text in trace["texts"]))

    def test_the_summary_agrees_and_names_what_is_left_out(self):
        self.two_systems()
        shutil.rmtree(self.results / "mwaa" / "export" / "dagtask")
        done = self.report("--exclude-task", "first")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"parallel, 10 s tasks, warm +\| 16 tasks +\| serverless +"
                                      r"\| 5 +\| 11\.30 +\| 10\.00 +\| 0\.29\d +\| 10\.00 ")
        self.assertRegex(done.stdout, r"mwaa +\| 4 \(\+1 failed\)")
        self.assertIn("Note: mwaa: the shape of DAG '10s_16t' is unknown", done.stdout)
        self.assertIn(f"Report: {self.page}\n", done.stdout)

    def test_images(self):
        self.two_systems(sizes=(16,), runs=2)
        images = self.engine.root / "images"
        done = self.report("--images", str(images))
        self.assertEqual(done.returncode, 0, done.stderr)
        names = sorted(path.name for path in images.iterdir())
        self.assertEqual({Path(name).suffix for name in names}, {".svg", ".png"})
        for chart in ("dag-duration", "task-duration", "task-wait", "trend-of-task-wait",
                      "run-16-tasks-mwaa-1", "serverless-against-mwaa"):
            self.assertIn(f"parallel-10-s-tasks-warm-{chart}.svg", names)
            png = (images / f"parallel-10-s-tasks-warm-{chart}.png").read_bytes()
            self.assertTrue(png.startswith(b"\x89PNG"))
            self.assertGreater(len(png), 10_000)

    def test_without_a_browser_the_report_is_still_written(self):
        self.two_systems(sizes=(16,), runs=2)
        self.engine.environment["BEEFLOW_BROWSER"] = "no-such-browser"
        done = self.report("--images", str(self.engine.root / "images"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("BEEFLOW_BROWSER: there is no program 'no-such-browser'", done.stderr)
        self.assertTrue(self.page.exists())

    def test_bad_input_is_named(self):
        done = self.report()
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.results), done.stderr)
        self.two_systems()
        done = self.report("--exclude-run", "run_16_9")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--exclude-run: no run of the results has the id 'run_16_9'; did you mean",
                      done.stderr)
        self.assertFalse(self.page.exists())


if __name__ == "__main__":
    unittest.main()
