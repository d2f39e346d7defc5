"""The pages of runs, task instances, environments and administration in a real browser, on a real
server. Nothing reloads a page: what is waited for arrives through the event stream."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from engine import REPOSITORY, EngineTest

SCREENSHOTS = Path(os.environ.get("BEEFLOW_SCREENSHOTS", REPOSITORY / "build" / "screenshots"))
LOOKS = (("desktop", "light"), ("desktop", "dark"), ("phone", "light"))
HARMLESS = "<script>document.title='taken'</script>"


class Browser:
    """A browser on one server; each method is a command of ui_pages_driver.js."""

    def __init__(self, server):
        program = shutil.which("chromium") or shutil.which("google-chrome")
        if program is None:
            raise AssertionError("no browser; see packages/test.txt")
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            ["node", REPOSITORY / "tests/browser/ui_pages_driver.js", server, program, SCREENSHOTS],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __getattr__(self, name):
        def command(*values):
            self._process.stdin.write(json.dumps([name, *values]) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline() or '{"error": "the driver ended"}')
            if "error" in answer:
                raise AssertionError(f"{answer['error']}\n--- the page\n{answer.get('page')}\n"
                                     f"--- complaints\n{answer.get('complaints')}")
            return answer["value"]
        return command

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class PagesTest(EngineTest):
    """An engine and a browser on it."""

    # What the browser's console may say: that a request was refused, where the test wants that.
    EXPECTED_COMPLAINT = None

    def start(self):
        """Starts the server and a browser on it."""
        self.engine.start()
        self.browser = Browser(f"http://127.0.0.1:{self.engine.port}")
        self.addCleanup(self.browser.close)
        self.addCleanup(self.check_complaints)

    def check_complaints(self):
        """The pages have logged nothing, and no request of theirs has failed."""
        self.assertEqual([one for one in self.browser.takeComplaints()
                          if not self.EXPECTED_COMPLAINT or self.EXPECTED_COMPLAINT not in one], [])

    def look(self, name):
        """Screenshots in all looks; nothing may be wider than its window, or keep people out."""
        for window, scheme in LOOKS:
            self.assertLessEqual(self.browser.screenshot(name, window, scheme), 0,
                                 f"{name} is too wide on {window}")
        for scheme in ("light", "dark"):
            self.assertEqual(self.browser.barriers(scheme), [], f"{name}, {scheme}")

    def run_dag(self, dag_id, body, run_id="r1", conf=None, **arguments):
        """Writes a DAG and triggers a run of it."""
        self.engine.write_dag(dag_id, body, **arguments)
        self.start()
        self.engine.trigger(dag_id, run_id, conf)

    def open_task(self, dag_id, task_id, query="", run_id="r1"):
        self.browser.open(f"/dags/{dag_id}/runs/{run_id}/tasks/{task_id}{query}")


class UiPagesTest(PagesTest):

    # --- task instances ---

    def test_a_log_is_followed_while_it_is_written(self):
        gate = self.engine.gate("go")
        command = f'echo "first {HARMLESS}"; {gate}; echo second WARNING'
        self.run_dag("follow", f"BashOperator(task_id='one', bash_command={command!r})")
        browser = self.browser
        self.open_task("follow", "one")
        browser.read(".log-text", f"first {HARMLESS}")
        browser.read(".task-head .badge", "Running")
        browser.see(".log-live")
        self.engine.open_gate("go")
        browser.read(".log-text", "second WARNING")
        browser.read(".task-head .badge", "Success")
        browser.gone(".log-live")
        browser.read(".figure", "Direct")
        browser.fill(".log-search input", "second")
        browser.press("Enter")
        browser.read(".log-line.current mark", "second")
        self.look("task-log")

    def test_a_log_stays_where_the_reader_scrolled(self):
        gate = self.engine.gate("go")
        command = f"seq -f 'line %g of many' 1 5000; {gate}; echo the last one"
        self.run_dag("long", f"BashOperator(task_id='one', bash_command={command!r})")
        browser = self.browser
        self.open_task("long", "one")
        browser.read(".log-text", "line 5000 of many")
        browser.scroll(".log-scroll", 0)
        browser.read(".log-text", "line 1 of many")
        browser.read(".log-end", "Follow the end")
        self.engine.open_gate("go")
        browser.read(".log-end", "To the end")
        self.assertNotIn("the last one", browser.texts(".log-text"))
        browser.click(".log-end")
        browser.read(".log-text", "the last one")
        # Of thousands of lines few are drawn.
        self.assertLess(len(browser.texts(".log-line")), 300)

    def test_names_for_people_stand_in_the_place_of_ids(self):
        self.run_dag("named", """
            @task(task_display_name="Greet them",
                  map_index_template="for {{ task.op_kwargs['who'] }}")
            def greet(who):
                return who
            greet.expand(who=["ann", "bob"])
        """, dag_display_name="Greetings & more")
        self.engine.wait_run("named", "r1")
        browser = self.browser
        browser.open("/dags")
        browser.read('.dag-row[data-dag="named"]', "Greetings & more")
        browser.open("/dags/named/grid")
        browser.read("h1", "Greetings & more")
        browser.read(".grid-label", "Greet them")
        self.open_task("named", "greet")
        browser.read("td", "for bob")

    def test_tries_are_compared(self):
        marker = self.engine.scratch / "marker"
        first = f"test -e {marker} || ( touch {marker}; echo not yet; exit 7 ) && echo at last"
        self.run_dag("tries", f"""
            BashOperator(task_id="twice", retries=1, retry_delay=timedelta(0),
                         bash_command={first!r})
        """)
        self.engine.wait_run("tries", "r1")
        browser = self.browser
        self.open_task("tries", "twice")
        browser.read(".log-text", "at last")
        browser.click("aria/Compare two tries")
        browser.read(".log-pair .try-log:last-child .log-text", "not yet")
        browser.read(".log-pair .try-log:first-child .log-text", "at last")
        self.look("task-compare")
        browser.click('.tabs a[href*="attempts"]')
        browser.read("td.reason", "exit code 7")
        self.look("task-attempts")
        browser.press("r")
        browser.read(".rendered code", "bash_command")

    def test_xcoms_of_mapped_instances(self):
        self.run_dag("mapped", """
            @task
            def double(number):
                return {"number": number, "twice": [2 * number]}
            double.expand(number=[3, 4])
        """)
        self.engine.wait_run("mapped", "r1")
        browser = self.browser
        self.open_task("mapped", "double")
        browser.read(".state-counts .badge", "2")
        browser.click('td a[href$="/double/1"]')
        browser.click('.tabs a[href*="xcoms"]')
        browser.read(".json-view", "twice")
        browser.read(".json-number", "4")
        self.look("task-xcoms")

    def test_one_instance_of_a_mapped_task_is_cleared(self):
        self.run_dag("mapped", """
            @task
            def double(number):
                return 2 * number
            double.expand(number=[3, 4])
        """)
        self.engine.wait_run("mapped", "r1")
        browser = self.browser
        browser.open("/dags/mapped/runs/r1/tasks/double/1")
        browser.read(".task-head .badge", "Success")
        browser.press("c")
        browser.read(".dialog h2", "Clear double [1]")
        browser.read(".touch-preview", "1 task instance")
        browser.click(".touch-options .check:first-of-type input")
        browser.read(".touch-preview", "2 task instances")
        browser.click(".touch-options .check:first-of-type input")
        browser.read(".touch-preview", "1 task instance")
        browser.click(".dialog-foot .button.primary")
        browser.read(".task-head", "try 2")
        browser.read(".task-head .badge", "Success")
        tries = self.engine.rows("SELECT map_index, try_number FROM task_instance ORDER BY 1")
        self.assertEqual([tuple(row.values()) for row in tries], [(0, 1), (1, 2)])

    def test_clear_shows_what_it_touches_first(self):
        self.run_dag("again", """
            first = BashOperator(task_id="first", bash_command="echo one")
            first >> BashOperator(task_id="second", bash_command="echo two")
        """)
        self.engine.wait_run("again", "r1")
        browser = self.browser
        self.open_task("again", "first")
        browser.read(".log-text", "one")
        browser.press("c")
        browser.read(".touch-preview", "2 task instances")
        self.look("clear")
        browser.click(".touch-options .check:first-of-type input")
        browser.read(".touch-preview", "1 task instance")
        browser.click('.dialog-foot .button.primary')
        browser.read(".task-head", "try 2")
        browser.read(".task-head .badge", "Success")
        self.assertEqual(self.engine.task("again", "r1", "second")["try_number"], 1)

    def test_a_task_is_marked_and_noted(self):
        gate = self.engine.gate("never")
        self.run_dag("mark", f"""
            BashOperator(task_id="stuck", bash_command="{gate}")
        """)
        self.engine.wait_task("mark", "r1", "stuck", "running")
        browser = self.browser
        self.open_task("mark", "stuck")
        browser.read(".task-head .badge", "Running")
        browser.click('button[aria-label="Mark as"]')
        browser.click("aria/Mark as failed…")
        browser.read(".touch-preview", "stuck")
        browser.click(".dialog-foot .button.danger")
        browser.read(".task-head .badge", "Failed")
        browser.click("aria/Note")
        browser.fill("textarea", f"seen {HARMLESS}")
        browser.click(".dialog-foot .button.primary")
        browser.read(".note", f"seen {HARMLESS}")

    # --- runs ---

    def test_a_run_from_start_to_deletion(self):
        gate = self.engine.gate("go")
        self.run_dag("whole", f"""
            BashOperator(task_id="slow", bash_command="{gate}") \\
                >> BashOperator(task_id="last", bash_command="exit 3")
        """, conf={"text": HARMLESS})
        browser = self.browser
        browser.open("/dags/whole/runs/r1")
        browser.read(".page-head .badge", "Running")
        browser.read(".json-string", HARMLESS)
        self.engine.open_gate("go")
        browser.read(".page-head .badge", "Failed")
        browser.read("td.reason", "exit code 3")
        self.look("run")
        browser.click("aria/Clear…")
        browser.read(".touch-preview", "2 task instances")
        browser.press("Escape")
        browser.click("aria/More actions")
        browser.click("aria/Delete…")
        browser.click(".dialog-foot .button.danger")
        self.engine.wait(lambda: self.engine.run_state("whole", "r1") is None,
                         "the run to be deleted")
        browser.gone("dialog")
        self.assertEqual(browser.place(), "/dags/whole/grid")

    def test_datasets_and_the_run_they_start(self):
        self.engine.write("chain.py", """
            import pendulum
            from airflow import DAG, Dataset
            from airflow.operators.bash import BashOperator
            figures = Dataset("s3://bucket/figures")
            begin = pendulum.datetime(2021, 1, 1, tz="UTC")
            with DAG("writer", schedule=None, start_date=begin):
                BashOperator(task_id="write", bash_command="true", outlets=[figures])
            with DAG("reader", schedule=[figures], start_date=begin):
                BashOperator(task_id="read", bash_command="true")
        """)
        self.start()
        self.engine.wait_dag("reader")
        browser = self.browser
        browser.open("/datasets")
        browser.read(".dataset-node.dataset", "s3://bucket/figures")
        browser.read(".dataset-node.dag", "reader")
        self.engine.trigger("writer", "r1")
        browser.read("td", "writer.write")
        self.look("datasets")
        run_id = self.engine.wait(lambda: self.engine.value(
            "SELECT run_id FROM dag_run WHERE dag_id = 'reader' AND state = 'success'"),
            "the run of the reader")
        browser.open(f"/dags/reader/runs/{run_id}")
        browser.read(".causes", "writer.write")

    # --- administration ---

    def test_pools(self):
        self.start()
        browser = self.browser
        browser.open("/pools")
        browser.read("td", "default_pool")
        self.assertTrue(browser.isDisabled("aria/Delete default_pool"))
        browser.click("aria/New pool")
        browser.fill("#field-name", "narrow")
        browser.fill("#field-slots", "-2")
        browser.click(".dialog-foot .button.primary")
        browser.read(".problem", "-1 or more")
        browser.fill("#field-slots", "2")
        browser.click(".dialog-foot .button.primary")
        browser.read("td", "narrow")
        self.engine.edit("UPDATE slot_pool SET slots = 5 WHERE pool = 'narrow'")
        browser.read("td", "0 of 5 in use")
        self.look("pools")
        browser.click("aria/Delete narrow")
        browser.click(".dialog-foot .button.danger")
        browser.gone("aria/Edit narrow")
        self.assertIsNone(self.engine.value("SELECT 1 FROM slot_pool WHERE pool = 'narrow'"))

    def test_variables(self):
        self.start()
        browser = self.browser
        browser.open("/variables")
        browser.click("aria/New variable")
        browser.fill("#field-key", "limits")
        browser.fill("#field-value", '{"low": 1}')
        browser.click(".dialog-foot .button.primary")
        browser.read("td", "limits")
        self.assertNotIn("low", " ".join(browser.texts("td")))
        browser.click('button[aria-label="Reveal the value of limits"]')
        browser.read(".variable-value", '"low": 1')
        file = self.engine.root / "more.json"
        file.write_text(json.dumps({"limits": {"low": 2}, "token": {"value": HARMLESS,
                                                                    "description": "secret"}}))
        browser.upload('input[type="file"]', str(file))
        browser.click("aria/Replace those")
        browser.click(".dialog-foot .button.primary")
        browser.read(".variable-value", '"low": 2')
        browser.read("td", "token")
        self.look("variables")
        self.assertNotIn(HARMLESS, " ".join(browser.texts("td")))

    def test_connections_keep_their_passwords(self):
        self.start()
        browser = self.browser
        browser.open("/connections")
        browser.click("aria/New connection")
        browser.fill("#field-connection_id", "store")
        browser.fill("#field-conn_type", "postgres")
        browser.fill("#field-host", "db.example.com")
        browser.fill("#field-port", "5432")
        browser.fill("#field-password", "open sesame")
        browser.fill("#field-extra", "{no json")
        browser.click(".dialog-foot .button.primary")
        browser.read(".problem", "not JSON")
        browser.fill("#field-extra", '{"sslmode": "require"}')
        browser.click(".dialog-foot .button.primary")
        browser.read("td", "db.example.com:5432")
        browser.click("aria/Edit store")
        browser.fill("#field-host", "db2.example.com")
        self.look("connection")
        browser.click(".dialog-foot .button.primary")
        browser.read("td", "db2.example.com:5432")
        got = json.loads(self.engine.cli("connections", "get", "store", "--output", "json"))
        self.assertEqual(got[0]["password"], "open sesame")

    def test_import_errors_come_and_go(self):
        self.start()
        browser = self.browser
        browser.open("/errors")
        browser.read(".empty-note", "All DAG files can be imported")
        self.engine.write("broken.py", """
            from airflow import DAG
            raise ValueError("no <b>good</b>")
        """)
        browser.read(".traceback h2", "ValueError: no <b>good</b>")
        browser.read(".trace-frame.own", "line 2")
        self.look("errors")
        self.engine.write("broken.py", "from airflow import DAG\n")
        browser.gone(".traceback")

    def test_audit_log(self):
        self.run_dag("heard", "EmptyOperator(task_id='one')")
        self.engine.wait_run("heard", "r1")
        browser = self.browser
        browser.open("/audit")
        browser.read("td code", "trigger")
        browser.fill('.audit-filters label:nth-child(3) input', "nothing")
        browser.press("Enter")
        browser.read(".empty-note", "No entries")
        self.look("audit")

    def test_a_backfill_is_started_watched_paused_and_cancelled(self):
        gate = self.engine.gate("go")
        self.engine.write_dag("fill", f"BashOperator(task_id='one', bash_command={gate!r})",
                              schedule="@daily", is_paused_upon_creation=True)
        self.start()
        self.engine.wait_dag("fill")
        browser = self.browser
        browser.open("/dags/fill/grid")
        browser.click(".head-actions .button.primary")
        browser.click("dialog .segments button:nth-child(2)")
        browser.fill("#backfill-from", "2021-02-01T00:00")
        browser.fill("#backfill-to", "2021-02-03T12:00")
        browser.fill("#backfill-most", "1")
        self.look("backfill-dialog")
        browser.click(".dialog-foot .primary")
        browser.read(".backfill-banner", "0 of 3 runs have ended; 1 running, at most 1")
        self.look("backfill")
        browser.click(".backfill-banner .button")
        browser.read(".backfill-banner", "(paused)")
        self.engine.open_gate("go")
        browser.read(".backfill-banner", "1 of 3 runs have ended; 0 running")
        browser.click(".backfill-banner .button:nth-child(2)")
        browser.click("dialog .danger")
        browser.gone(".backfill-banner")
        states = self.engine.rows("SELECT state FROM dag_run ORDER BY execution_date")
        self.assertEqual([row["state"] for row in states], ["success", "failed", "failed"])

    def test_environments_scale_from_zero(self):
        gate = self.engine.gate("go")
        self.engine.write_dag("busy", f"""
            @task
            def wait():
                open({str(self.engine.scratch / "go")!r}).close()
            wait()
        """)
        self.assertTrue(gate)
        self.start()
        self.engine.wait_dag("busy")
        browser = self.browser
        browser.open("/environments")
        browser.see(".section-head")
        self.engine.trigger("busy", "r1")
        browser.read(".env-state", "busy")
        browser.read("td", "busy.wait")
        self.look("environments")
        self.engine.open_gate("go")
        self.engine.wait_run("busy", "r1")
        browser.gone(".env-state.busy")


class SignInTest(PagesTest):
    """An engine where people sign in: ann, who may everything, and vic, who may look."""

    SETTINGS = {"webserver.authenticate": "True"}
    EXPECTED_COMPLAINT = "status of 401"

    def setUp(self):
        super().setUp()
        self.engine.migrate()
        for name, role in (("ann", "Admin"), ("vic", "Viewer")):
            self.engine.cli("users", "create", "-u", name, "-f", name, "-l", "Lee", "-e",
                            f"{name}@example.com", "-r", role, "-p", f"secret of {name}")

    def sign_in(self, name, password=None):
        self.browser.fill('input[autocomplete="username"]', name)
        self.browser.fill("#password", password or f"secret of {name}")
        self.browser.press("Enter")


class SignInPagesTest(SignInTest):

    def test_a_viewer_sees_and_changes_nothing(self):
        self.start()
        browser = self.browser
        browser.open("/pools")
        self.sign_in("vic", "wrong")
        browser.read(".error-box", "That did not work")
        self.look("login")
        self.sign_in("vic")
        browser.gone(".login")
        browser.open("/pools")
        browser.read("td", "default_pool")
        browser.gone("aria/New pool")
        browser.gone("aria/Edit default_pool")
        browser.open("/tokens")
        browser.click("aria/New token")
        browser.fill("#field-name", "report")
        browser.click(".dialog-foot .button.primary")
        browser.read(".secret code", "bft_")
        browser.click("aria/Done")
        browser.read("td", "read-only")
        self.look("tokens")

    def test_users_and_roles(self):
        self.start()
        browser = self.browser
        browser.open("/users")
        self.sign_in("ann")
        browser.gone(".login")
        browser.open("/users")
        browser.read("td", "vic@example.com")
        self.assertTrue(browser.isDisabled("aria/Delete ann"))
        browser.click("aria/New user")
        for name in ("username", "first_name", "last_name", "password"):
            browser.fill(f"#field-{name}", "gus")
        browser.fill("#field-email", "gus@example.com")
        browser.click(".dialog-foot .button.primary")
        browser.read("td", "gus@example.com")
        self.look("users")
        browser.click("aria/Delete gus")
        browser.click(".dialog-foot .button.danger")
        browser.gone("aria/Edit gus")
        browser.open("/users?tab=roles")
        browser.click("aria/New role")
        browser.fill("#role-form input[type=text]", "Reader")
        browser.click("aria/can_read on DAGs")
        browser.click(".dialog-foot .button.primary")
        browser.read("td", "Reader")
        browser.read("td", "1 permission")
        self.look("roles")
