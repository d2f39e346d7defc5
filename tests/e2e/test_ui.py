"""The ways that people take through the list of DAGs and the pages of a DAG, in a real browser on a
real server. Nothing reloads a page: what is waited for arrives through the event stream."""

import unittest

from engine import EngineTest
from test_ui_pages import LOOKS, Browser

HARMLESS = "<script>document.title='taken'</script><b>bold</b>"
LARGE = 10_000
DRAWN_MAX = 3_000  # cells, shapes and lines of a page, however large the DAG is


def cell(task_id, state=None):
    """A cell of the grid, as a CSS selector."""
    with_state = f'[data-state="{state}"]' if state else ""
    return f'.grid-row[data-node="{task_id}"] .cell[data-run]{with_state}'


def run_bar(state):
    """The bar of a run above the grid."""
    return f'.run-bar .cell[data-state="{state}"]'


class UiTest(EngineTest):

    def start(self):
        """Starts the server and a browser on it."""
        self.engine.start()
        self.browser = Browser(f"http://127.0.0.1:{self.engine.port}")
        self.addCleanup(self.browser.close)
        self.addCleanup(self.check_complaints)

    def check_complaints(self):
        """The pages have logged nothing, and no request of theirs has failed."""
        self.assertEqual(self.browser.takeComplaints(), [])

    def look(self, name):
        """Screenshots in all looks; nothing may be wider than its window, or keep people out."""
        for window, scheme in LOOKS:
            self.assertLessEqual(self.browser.screenshot(name, window, scheme), 0,
                                 f"{name} is too wide on {window}")
        for scheme in ("light", "dark"):
            self.assertEqual(self.browser.barriers(scheme), [], f"{name}, {scheme}")

    def write_orders(self, load_command):
        """A DAG with a task that waits at a gate, and one whose command is given."""
        extract = f"echo {{{{ params.table }}}}; {self.engine.gate('go')}"
        self.engine.write_dag("orders", f"""
            extract = BashOperator(task_id='extract', bash_command={extract!r})
            load = BashOperator(task_id='load', bash_command={load_command!r})
            extract >> load >> EmptyOperator(task_id='report')
        """, params={"table": "customers", "limit": 10}, tags=["shop"], description="What is sold")

    def version(self, dag_id):
        """Which version of the DAG is in the database."""
        return self.engine.value("SELECT dag_hash FROM serialized_dag WHERE dag_id = ?"
                                 " AND is_latest = 1", dag_id)

    def test_from_the_first_look_to_a_run_that_was_mended(self):
        self.write_orders("echo no stock for {{ params.table }}; exit 3")
        self.start()
        browser = self.browser
        browser.open("/dags")
        browser.see('.dag-row[data-dag="orders"]')
        self.look("dags")
        # Triggers a run, with conf from the form.
        browser.click('[aria-label="Trigger orders"]')
        browser.fill("#conf-table", "invoices")
        self.look("trigger")
        browser.click("aria/Trigger[role=\"button\"]")
        # Watches it.
        browser.see(cell("extract", "running"))
        browser.see(run_bar("running"))
        [row] = self.engine.rows("SELECT run_id, conf FROM dag_run")
        self.assertEqual(row["conf"], '{"limit":10,"table":"invoices"}')
        self.engine.open_gate("go")
        browser.see(cell("extract", "success"))
        browser.see(cell("load", "failed"))
        browser.see(cell("report", "upstream_failed"))
        browser.see(run_bar("failed"))
        self.look("grid")
        # Reads why.
        browser.click(cell("load", "failed"))
        browser.read(".side-panel", "exit code 3")
        browser.click(".side-panel a.button.primary")
        browser.read("main", "no stock for invoices")
        # Mends the file, and lets the task run again with what comes after it.
        before = self.version("orders")
        self.write_orders("echo found {{ params.table }}")
        self.engine.wait(lambda: self.version("orders") != before, "the DAG to be imported anew")
        browser.open(f"/dags/orders/grid?run={row['run_id']}&task=load".replace("+", "%2B"))
        browser.click("aria/Clear …")
        browser.read(".touch-preview", "load")
        browser.read(".touch-preview", "report")
        browser.click("aria/Clear[role=\"button\"]")
        browser.see(cell("load", "success"))
        browser.see(cell("report", "success"))
        browser.see(run_bar("success"))
        self.assertEqual(self.engine.run_state("orders", row["run_id"]), "success")

    def test_the_list_follows_what_happens(self):
        gate = self.engine.gate("go")
        self.engine.write_dag("first", f"BashOperator(task_id='one', bash_command={gate!r})",
                              tags=["night"])
        self.engine.write_dag("second", "EmptyOperator(task_id='one')", schedule="@daily")
        self.start()
        browser = self.browser
        browser.open("/dags")
        browser.see('.dag-row[data-dag="second"]')
        # A run that somebody else has made shows, and how it ends.
        self.engine.trigger("first", "r1")
        browser.see('.dag-row[data-dag="first"] .run-bars [data-state="running"]')
        browser.see('.dag-row[data-dag="first"] .is-now [data-state="running"]')
        self.engine.open_gate("go")
        browser.see('.dag-row[data-dag="first"] .run-bars [data-state="success"]')
        browser.gone('.dag-row[data-dag="first"] .is-now [data-state="running"]')
        # The switch, here and elsewhere.
        browser.click('[aria-label="second is on"]')
        self.engine.wait(lambda: self.engine.value(
            "SELECT is_paused FROM dag WHERE dag_id = 'second'"), "second to be paused")
        browser.see('.dag-row.paused[data-dag="second"]')
        self.engine.cli("dags", "unpause", "second")
        browser.see('.dag-row:not(.paused)[data-dag="second"]')
        # A new file, and filters, which the address keeps.
        self.engine.write_dag("third", "EmptyOperator(task_id='one')")
        browser.see('.dag-row[data-dag="third"]')
        browser.fill('[aria-label="Filter DAGs"]', "sec")
        browser.gone('.dag-row[data-dag="third"]')
        self.assertEqual(browser.place(), "/dags?q=sec")
        browser.open("/dags?tag=night")
        browser.see('.dag-row[data-dag="first"]')
        self.assertEqual(len(browser.texts(".dag-rows .dag-row")), 1)

    def test_an_import_error_shows_with_its_traceback_until_it_is_mended(self):
        self.engine.write("broken.py", "from airflow import DAG\nimport no_such_module\n")
        self.start()
        browser = self.browser
        browser.open("/dags")
        browser.click(".import-error summary")
        browser.read(".import-error pre", "line 2")
        browser.read(".import-error pre", "no_such_module")
        self.look("import-error")
        self.engine.write_dag("broken", "EmptyOperator(task_id='one')")
        browser.gone(".import-errors")
        browser.see('.dag-row[data-dag="broken"]')

    def test_a_page_follows_its_file(self):
        self.engine.write_dag("growing", "EmptyOperator(task_id='one')")
        self.start()
        self.engine.complete("growing", "r1")
        browser = self.browser
        browser.open("/dags/growing/grid")
        browser.see(cell("one", "success"))
        self.engine.write_dag("growing", "EmptyOperator(task_id='one')\n"
                                         "EmptyOperator(task_id='two')")
        browser.see('.grid-row[data-node="two"]')
        self.engine.trigger("growing", "r2")
        browser.see(cell("two", "success"))

    def test_every_view_of_a_dag(self):
        self.engine.write_dag("views", """
            from airflow.utils.task_group import TaskGroup
            first = BashOperator(task_id='first', bash_command='true', doc_md='# Why\\n**so**')
            with TaskGroup('inner') as inner:
                BashOperator(task_id='left', bash_command='true')
                BashOperator(task_id='right', bash_command='true')
            @task
            def one(n):
                return n
            first >> inner >> one.expand(n=[1, 2, 3])
        """, schedule="@daily", tags=["shop"], doc_md="Reads **all** orders.")
        self.start()
        for number in range(3):
            self.engine.complete("views", f"r{number}")
        browser = self.browser
        browser.open("/dags/views/grid?run=r2")
        browser.see(cell("inner.left", "success"))
        browser.click('.grid-row[data-node="inner"] .grid-toggle')
        browser.gone('.grid-row[data-node="inner.left"]')
        browser.see(cell("inner", "success"))
        browser.read(".side-panel", "r2")
        seen = {"graph": '.graph-node[data-node="inner"][data-state="success"]',
                "gantt": '.gantt-row[data-task="one"] .gantt-bar',
                "durations": '.chart[data-drawn="yes"] .main-svg', "calendar": ".day.ran",
                "code": ".py-keyword", "details": ".details-view .markdown",
                "audit": ".data-table"}
        for view, selector in seen.items():
            browser.open(f"/dags/views/{view}?run=r2")
            browser.see(selector)
            self.look(f"dag-{view}")

    def test_the_code_is_that_which_a_run_ran(self):
        # Only the body of a function is another: the DAG that the parser reads from it is the same.
        def body(answer):
            return f"""
                @task
                def tell():
                    return {answer!r}
                tell()
            """
        self.engine.write_dag("told", body("before"))
        self.start()
        self.engine.complete("told", "r1")
        browser = self.browser
        browser.open("/dags/told/code")
        browser.read(".version-note", "This is what run r1 ran.")
        self.engine.write_dag("told", body("after"))
        browser.read(".code-view", "after")
        browser.read(".version-note", "Run r1 ran another version.")
        self.engine.complete("told", "r2")
        browser.open("/dags/told/code?run=r1")
        browser.read(".code-line.changed", "before")
        browser.read(".version-note", "the file has changed")
        self.assertEqual(len(browser.texts(".code-line.changed")), 1)
        self.look("code-of-a-run")
        browser.open("/dags/told/code?run=r2")
        browser.read(".version-note", "This is what run r2 ran.")
        browser.read(".code-view", "after")

    def test_keys(self):
        self.engine.write_dag("keys", "EmptyOperator(task_id='a') >> EmptyOperator(task_id='b')")
        self.start()
        self.engine.complete("keys", "r1")
        browser = self.browser
        browser.open("/dags")
        browser.see('.dag-row[data-dag="keys"]')
        browser.press("/")
        browser.fill(".search-dialog input", "keys")
        browser.read(".search-result", "keys")
        browser.press("Enter")
        browser.see(cell("b", "success"))
        browser.click('.grid-row[data-node="a"] .cell[data-run]')
        browser.press("ArrowDown")
        browser.read(".side-panel h2", "b")
        browser.see('.cell[aria-selected][aria-label^="b, r1, Success"]')
        browser.press("Enter")
        browser.gone(".grid-scroller")
        self.assertEqual(browser.place(), "/dags/keys/runs/r1/tasks/b")

    def test_a_dag_of_ten_thousand_tasks_opens(self):
        self.engine.write_dag("large", f"""
            for i in range({LARGE} // 10):
                last = None
                for j in range(10):
                    now = EmptyOperator(task_id=f't{{i}}_{{j}}')
                    if last:
                        last >> now
                    last = now
        """)
        self.start()
        self.engine.complete("large", "r1")
        browser = self.browser
        views = {"grid": ".grid-row .cell[data-state]", "graph": ".graph-far path"}
        for view, selector in views.items():
            browser.open(f"/dags/large/{view}")
            browser.see(selector)
            self.assertLess(len(browser.texts(".cell, svg *")), DRAWN_MAX, view)

    def test_what_comes_from_outside_stays_text(self):
        self.engine.write_dag("text", "EmptyOperator(task_id='one', doc_md=TEXT)".replace(
            "TEXT", repr(HARMLESS)), tags=[HARMLESS], description=HARMLESS, doc_md=HARMLESS,
            params={HARMLESS: HARMLESS})
        self.start()
        self.engine.trigger("text", "r1", {HARMLESS: HARMLESS})
        self.engine.wait_run("text", "r1")
        browser = self.browser
        for place, selector in (("/dags", ".dag-row"), ("/dags/text/grid?run=r1", ".json-view"),
                                ("/dags/text/grid?task=one", ".markdown"),
                                ("/dags/text/details", ".details-view .markdown"),
                                ("/dags/text/code", ".code-view")):
            browser.open(place)
            browser.read("#content", HARMLESS)
            browser.see(selector)
            self.assertEqual(browser.texts("#content script"), [])


if __name__ == "__main__":
    unittest.main()
