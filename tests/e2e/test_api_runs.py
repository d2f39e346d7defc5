"""The REST API's way through a run: trigger, watch, clear with what is downstream, mark, delete."""

import json
import unittest
import urllib.error
import urllib.request

import engine


class ApiRunsTest(engine.EngineTest):
    def setUp(self):
        super().setUp()
        self.engine.start()

    def ask(self, method, path, body=None, status=200):
        """The JSON of an answer that has this status; None where it has no body."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.engine.port}/api/v1{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=engine.DEADLINE_SECONDS) as answer:
                got, text = answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            got, text = refusal.code, refusal.read()
        self.assertEqual(got, status, text)
        return json.loads(text) if text else None

    def wait_state(self, path, *states):
        """Waits until what the path shows has one of the states, looking after each commit."""
        def reached():
            found = self.ask("GET", path)
            return found if found["state"] in states else None
        return self.engine.wait(reached, f"{path} to be {' or '.join(states)}")

    def test_trigger_clear_mark_and_delete(self):
        self.engine.write_dag("way", """
            BashOperator(task_id="a", bash_command=f"echo a >> {SCRATCH}/ran") >> \\
                BashOperator(task_id="b", bash_command=f"echo b >> {SCRATCH}/ran") >> \\
                BashOperator(task_id="c", bash_command=f"echo c >> {SCRATCH}/ran")
        """)
        self.engine.wait_dag("way")
        run = self.ask("POST", "/dags/way/dagRuns", {"dag_run_id": "one", "conf": {"n": 1},
                                                     "note": "by hand"})
        self.assertEqual((run["state"], run["conf"], run["note"]), ("queued", {"n": 1}, "by hand"))
        self.ask("POST", "/dags/way/dagRuns", {"dag_run_id": "one"}, 409)
        self.wait_state("/dags/way/dagRuns/one", "success")
        ran = self.engine.scratch / "ran"
        self.assertEqual(ran.read_text().split(), ["a", "b", "c"])

        cleared = self.ask("POST", "/dags/way/clearTaskInstances", {
            "dry_run": False, "dag_run_id": "one", "task_ids": ["b"], "include_downstream": True,
            "only_failed": False, "reset_dag_runs": True})
        self.assertEqual({task["task_id"] for task in cleared["task_instances"]}, {"b", "c"})
        again = self.wait_state("/dags/way/dagRuns/one", "success")
        self.assertEqual(again["note"], "by hand")
        self.assertEqual(ran.read_text().split(), ["a", "b", "c", "b", "c"])
        tasks = "/dags/way/dagRuns/one/taskInstances"
        tries = self.ask("GET", f"{tasks}/b/tries")
        self.assertEqual([(t["try_number"], t["state"]) for t in tries["task_instances"]],
                         [(1, "success"), (2, "success")])
        self.assertEqual(self.ask("GET", f"{tasks}?state=success")["total_entries"], 3)

        self.ask("PATCH", "/dags/way/dagRuns/one", {"state": "failed"})
        self.assertEqual(self.ask("GET", "/dags/~/dagRuns?state=failed")["total_entries"], 1)
        self.ask("DELETE", "/dags/way/dagRuns/one", status=204)
        self.ask("GET", "/dags/way/dagRuns/one", status=404)
        self.assertEqual(self.engine.rows("SELECT * FROM dag_run_note"), [])

    def test_marking_a_failed_task_lets_its_run_go_on(self):
        self.engine.write_dag("mend", """
            BashOperator(task_id="a", bash_command="exit 1") >> \\
                BashOperator(task_id="b", bash_command="true")
        """)
        self.engine.wait_dag("mend")
        self.ask("POST", "/dags/mend/dagRuns", {"dag_run_id": "one"})
        self.wait_state("/dags/mend/dagRuns/one", "failed")
        self.ask("PATCH", "/dags/mend/dagRuns/one/taskInstances/a",
                 {"new_state": "success", "dry_run": False})
        self.wait_state("/dags/mend/dagRuns/one", "success")
        self.assertEqual(self.engine.states("mend", "one"), {"a": "success", "b": "success"})

    def test_a_log_is_followed_until_the_try_has_ended(self):
        gate = self.engine.gate("gate")
        self.engine.write_dag("slow", f"""
            BashOperator(task_id="t", bash_command="echo first; {gate}; echo last")
        """)
        self.engine.wait_dag("slow")
        self.ask("POST", "/dags/slow/dagRuns", {"dag_run_id": "one"})
        task = "/dags/slow/dagRuns/one/taskInstances/t"
        self.engine.wait_task("slow", "one", "t", "running")
        url = f"http://127.0.0.1:{self.engine.port}/api/v1{task}/logs/1?follow=true"
        with urllib.request.urlopen(url, timeout=engine.DEADLINE_SECONDS) as log:
            lines = iter(log.readline, b"")
            self.assertTrue(any(b"first" in line for line in lines))
            self.engine.open_gate("gate")
            self.assertTrue(any(b"last" in line for line in lines))
            log.read()  # to the end, which comes
        self.wait_state(task, "success")


if __name__ == "__main__":
    unittest.main()
