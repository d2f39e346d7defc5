"""What becomes of runs: states, logs, XComs, retries, skips, branches, templates, Python."""

import datetime
import json
import unittest

from engine import Code, EngineTest, wait_for


class BashTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.engine.start()

    def test_a_chain_runs_in_order_and_leaves_rows_logs_and_xcoms(self):
        self.engine.write_dag("chain", """
            first = BashOperator(task_id="first", bash_command="echo one; echo two >&2; echo last")
            second = BashOperator(task_id="second", bash_command="echo second")
            first >> EmptyOperator(task_id="middle") >> second
        """)
        state, states = self.engine.complete("chain", "r1")
        self.assertEqual((state, states), ("success", {
            "first": "success", "middle": "success", "second": "success"}))
        first, middle, second = (self.engine.task("chain", "r1", name)
                                 for name in ("first", "middle", "second"))
        self.assertLessEqual(first["start_date"], first["end_date"])
        self.assertLessEqual(first["end_date"], middle["start_date"])
        self.assertLessEqual(middle["end_date"], second["start_date"])
        for row in (first, second):
            self.assertEqual(row["try_number"], 1)
            self.assertGreater(row["pid"], 0)
            self.assertNotEqual(row["hostname"], "")
            self.assertEqual(row["operator"], "BashOperator")
            self.assertGreaterEqual(row["duration"], 0)
        self.assertEqual(self.engine.xcom("chain", "r1", "first"), "last")
        log = self.engine.log("chain", "r1", "first").splitlines()
        for line in ("one", "two", "last"):
            # Every line of output has its time, in the order in which it was written.
            self.assertRegex("\n".join(log), rf"\n\[\d{{4}}-\d\d-\d\dT[^]]+\] (.* - )?{line}\n")
        self.assertIn("echo one; echo two >&2; echo last", "\n".join(log))
        self.assertIn("ended: success", log[-1])
        run = self.engine.rows("SELECT * FROM dag_run WHERE run_id = 'r1'")[0]
        self.assertEqual((run["run_type"], run["external_trigger"]), ("manual", 1))
        self.assertLessEqual(run["queued_at"], run["start_date"])
        self.assertLessEqual(run["start_date"], first["start_date"])
        self.assertLessEqual(second["end_date"], run["end_date"])

    def test_exit_codes_decide_and_what_follows_a_failure_does_not_run(self):
        self.engine.write_dag("codes", """
            bad = BashOperator(task_id="bad", bash_command="echo why; exit 3")
            skip = BashOperator(task_id="skip", bash_command="exit 99")
            own = BashOperator(task_id="own", bash_command="exit 7", skip_on_exit_code=7)
            for task_ in (bad, skip, own):
                task_ >> BashOperator(task_id="after_" + task_.task_id, bash_command="echo no")
        """)
        state, states = self.engine.complete("codes")
        self.assertEqual(state, "failed")
        self.assertEqual(states, {
            "bad": "failed", "after_bad": "upstream_failed", "skip": "skipped",
            "after_skip": "skipped", "own": "skipped", "after_own": "skipped"})
        log = self.engine.log("codes", "r1", "bad")
        self.assertIn("why", log)
        self.assertIn("3", log.splitlines()[-2])
        self.assertEqual(
            [row["task_id"] for row in self.engine.rows("SELECT task_id FROM task_fail")], ["bad"])

    def test_a_failed_try_is_repeated_after_its_delay_with_a_log_of_its_own(self):
        self.engine.write_dag("retry", """
            BashOperator(
                task_id="flaky", retries=2, retry_delay=timedelta(seconds=0.2),
                bash_command=f"echo x >> {SCRATCH}/tries; [ $(wc -l < {SCRATCH}/tries) -eq 3 ]")
            BashOperator(task_id="hopeless", retries=1, retry_delay=timedelta(seconds=0.1),
                         bash_command="exit 1")
        """)
        state, states = self.engine.complete("retry")
        self.assertEqual(state, "failed")
        self.assertEqual(states, {"flaky": "success", "hopeless": "failed"})
        self.assertEqual(self.engine.task("retry", "r1", "flaky")["try_number"], 3)
        self.assertEqual(self.engine.task("retry", "r1", "hopeless")["try_number"], 2)
        for attempt, end in ((1, "failed"), (2, "failed"), (3, "success")):
            log = self.engine.log("retry", "r1", "flaky", attempt)
            self.assertIn(f"attempt {attempt} of 3", log)
            self.assertIn(f"ended: {end}", log)

    def test_templates_know_the_run(self):
        self.engine.write_dag("templates", """
            BashOperator(task_id="values", params={"colour": "red"}, bash_command=(
                "echo {{ ds }} {{ run_id }} {{ dag_run.conf['who'] }} {{ params.colour }} "
                "{{ task_instance_key_str }} {{ ti.try_number }} {{ data_interval_start }}"))
            BashOperator(task_id="environment", append_env=True, env={"WHO": "{{ run_id }}"},
                         bash_command="echo $WHO $AIRFLOW_CTX_DAG_ID $AIRFLOW_CTX_TASK_ID")
            BashOperator(task_id="broken", bash_command="echo {{ no_such_thing.at_all }}")
        """)
        self.engine.wait_dag("templates")
        self.engine.cli("dags", "trigger", "templates", "--run-id", "t1", "--exec-date",
                        "2022-03-04T05:06:07", "--conf", '{"who": "me"}')
        self.assertEqual(self.engine.wait_run("templates", "t1"), "failed")
        self.assertEqual(self.engine.xcom("templates", "t1", "values"),
                         "2022-03-04 t1 me red templates__values__20220304 1 "
                         "2022-03-04T05:06:07+00:00")
        self.assertEqual(self.engine.xcom("templates", "t1", "environment"),
                         "t1 templates environment")
        self.assertEqual(self.engine.task("templates", "t1", "broken")["state"], "failed")
        self.assertIn("no_such_thing", self.engine.log("templates", "t1", "broken"))

    def test_a_task_that_runs_too_long_is_ended_with_its_children(self):
        self.engine.write_dag("slow", f"""
            BashOperator(task_id="slow", execution_timeout=timedelta(seconds=0.3), bash_command=(
                "echo $$ > {self.engine.scratch}/pid; ({self.engine.gate('never')}) & wait"))
        """)
        self.assertEqual(self.engine.complete("slow")[0], "failed")
        self.assertIn("execution_timeout", self.engine.log("slow", "r1", "slow"))
        self.engine.wait_no_process("never")


class PythonTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.engine.start()

    def test_python_that_runs_too_long_learns_of_it(self):
        """The worker used to stop it at the same moment, and mostly came first."""
        self.engine.write_dag("late", """
            import time
            from airflow.sensors.python import PythonSensor

            limit = timedelta(seconds=0.3)
            PythonSensor(task_id="gives_up", soft_fail=True, execution_timeout=limit,
                         python_callable=lambda: time.sleep(1000))
            PythonOperator(task_id="told", python_callable=lambda: time.sleep(1000),
                           execution_timeout=limit,
                           on_failure_callback=lambda c: print("told", repr(c["exception"])))
        """)
        self.assertEqual(self.engine.complete("late")[0], "failed")
        self.assertEqual(self.engine.task("late", "r1", "gives_up")["state"], "skipped")
        self.assertIn("told AirflowTaskTimeout(", self.engine.log("late", "r1", "told"))

    def test_a_task_that_is_cleared_while_it_runs_is_told_of_as_a_retry(self):
        """It was told of as a failure, although it runs again."""
        self.engine.write_dag("cleared", """
            import time

            def wait():
                open(f"{SCRATCH}/begun", "w").close()
                time.sleep(1000)

            PythonOperator(task_id="t", python_callable=wait,
                           on_retry_callback=lambda c: print("told of a retry"),
                           on_failure_callback=lambda c: print("told of a failure"))
        """)
        self.engine.trigger("cleared", "r1")
        wait_for((self.engine.scratch / "begun").exists, "the task", self.engine)
        self.engine.wait_task("cleared", "r1", "t", "running")
        self.engine.cli("tasks", "clear", "cleared", "--yes")
        self.engine.wait_task("cleared", "r1", "t", "up_for_retry")
        log = self.engine.log("cleared", "r1", "t")
        self.assertIn("told of a retry", log)
        self.assertNotIn("told of a failure", log)

    def test_the_callback_of_a_run_that_took_too_long_learns_of_it(self):
        """It was told of a failed task."""
        self.engine.write_dag("slow", """
            import time

            def tell(context):
                print("told", context["dag_run"].run_id, context["reason"])

            dag.on_failure_callback = tell
            dag.dagrun_timeout = timedelta(seconds=0.3)
            PythonOperator(task_id="t", python_callable=lambda: time.sleep(1000))
        """)
        self.assertEqual(self.engine.complete("slow")[0], "failed")
        self.engine.wait_server_log("told r1 timed_out")

    def test_operators_and_decorated_functions_pass_values_and_print_to_their_logs(self):
        self.engine.write_dag("py", """
            def produce(ti, ds):
                print("from the callable", ds)
                ti.xcom_push("other", {"a": [1, 2, None]})
                return 20

            @task
            def double(number):
                return number * 2

            @task(multiple_outputs=True)
            def split(number):
                return {"low": number - 1, "high": number + 1}

            produced = PythonOperator(task_id="produce", python_callable=produce)
            parts = split(double(produced.output))
            BashOperator(task_id="show", bash_command="echo {{ ti.xcom_pull('produce') }} "
                         "{{ ti.xcom_pull('split', key='high') }}") << parts
        """)
        state, states = self.engine.complete("py")
        self.assertEqual(state, "success", states)
        self.assertEqual(self.engine.xcom("py", "r1", "produce"), 20)
        self.assertEqual(self.engine.xcom("py", "r1", "produce", "other"), {"a": [1, 2, None]})
        self.assertEqual(self.engine.xcom("py", "r1", "double"), 40)
        self.assertEqual(self.engine.xcom("py", "r1", "split", "low"), 39)
        self.assertEqual(self.engine.xcom("py", "r1", "show"), "20 41")
        self.assertIn("from the callable 20", self.engine.log("py", "r1", "produce"))

    def test_exceptions_fail_skip_or_fail_for_good(self):
        self.engine.write_dag("errors", """
            def fail():
                raise ValueError("a wrong value")

            def skip():
                raise AirflowSkipException("nothing to do")

            def give_up():
                raise AirflowFailException("no use")

            for function in (fail, skip, give_up):
                PythonOperator(task_id=function.__name__, python_callable=function, retries=1,
                               retry_delay=timedelta(seconds=0.1))
        """)
        self.assertEqual(self.engine.complete("errors"), (
            "failed", {"fail": "failed", "skip": "skipped", "give_up": "failed"}))
        self.assertEqual(self.engine.task("errors", "r1", "fail")["try_number"], 2)
        self.assertEqual(self.engine.task("errors", "r1", "give_up")["try_number"], 1)
        log = self.engine.log("errors", "r1", "fail", 2)
        self.assertIn("ValueError: a wrong value", log)
        self.assertIn("errors.py", log)
        self.assertIn("nothing to do", self.engine.log("errors", "r1", "skip"))

    def test_branches_and_short_circuits_skip_the_other_ways(self):
        self.engine.copy_example("tour/tour_branches.py")
        for way, taken in (("left", {"left"}), ("both", {"left", "right"})):
            state, states = self.engine.complete("tour_branches", way, {"way": way})
            self.assertEqual(state, "success", states)
            self.assertEqual({name for name in ("left", "right", "nowhere")
                              if states[name] == "success"}, taken)
            self.assertEqual(states["join"], "success")
        self.engine.copy_example("tour/tour_skips.py")
        state, states = self.engine.complete("tour_skips")
        self.assertEqual(state, "success")
        self.assertEqual(states, {
            "by_exit_code": "skipped", "after_by_exit_code": "skipped",
            "by_exception": "skipped", "after_by_exception": "skipped",
            "by_condition": "success", "after_by_condition": "skipped", "goes_on": "success"})

    def test_each_trigger_rule_of_the_tour_runs(self):
        self.engine.copy_example("tour/tour_trigger_rules.py")
        state, states = self.engine.complete("tour_trigger_rules")
        self.assertEqual(state, "success")
        self.assertEqual(
            {name: states.pop(name) for name in ("succeeded", "failed", "skipped")},
            {"succeeded": "success", "failed": "failed", "skipped": "skipped"})
        self.assertEqual(set(states.values()), {"success"}, states)

    def test_the_tour_of_python_and_of_retries(self):
        self.engine.copy_example("tour/tour_python.py")
        self.engine.copy_example("tour/tour_retries.py")
        self.engine.trigger("tour_retries", "r1")
        state, states = self.engine.complete("tour_python")
        self.assertEqual(state, "success", states)
        self.assertEqual((states["results.large"], states["results.small"]),
                         ("success", "skipped"))
        self.assertEqual(self.engine.xcom("tour_python", "r1", "summarize"),
                         {"sum": 12, "count": 3})
        self.assertEqual(self.engine.wait_run("tour_retries", "r1"), "success")
        for name in ("in_bash", "in_python"):
            self.assertEqual(self.engine.task("tour_retries", "r1", name)["try_number"], 2)


class LimitsTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.engine.start()

    def test_a_pool_bounds_what_runs_at_once_and_priority_decides_who_goes_first(self):
        self.engine.cli("pools", "set", "narrow", "1", "one at a time")
        self.engine.write_dag("pooled", """
            for weight in (1, 3, 2):
                BashOperator(task_id=f"weight_{weight}", pool="narrow", priority_weight=weight,
                             bash_command="true")
        """)
        self.assertEqual(self.engine.complete("pooled")[0], "success")
        rows = self.engine.rows("SELECT task_id, start_date, end_date FROM task_instance "
                                "ORDER BY start_date")
        self.assertEqual([row["task_id"] for row in rows], ["weight_3", "weight_2", "weight_1"])
        for earlier, later in zip(rows, rows[1:]):
            self.assertLessEqual(earlier["end_date"], later["start_date"])

    def test_max_active_tasks_and_runs(self):
        self.engine.write_dag("limited", f"""
            for i in range(4):
                BashOperator(task_id=f"t{{i}}", bash_command="{self.engine.gate('gate')}")
        """, max_active_tasks=2, max_active_runs=1)
        self.engine.trigger("limited", "r1")
        self.engine.trigger("limited", "r2")

        def busy():
            return self.engine.value(
                "SELECT count(*) FROM task_instance WHERE state = 'running'") == 2
        self.engine.wait(busy, "two tasks to run")
        self.assertEqual(self.engine.run_state("limited", "r2"), "queued")
        counts = self.engine.rows("SELECT state, count(*) AS n FROM task_instance GROUP BY state "
                                  "ORDER BY state")
        self.assertEqual(counts, [{"state": "running", "n": 2}, {"state": "scheduled", "n": 2}])
        self.engine.open_gate("gate")
        self.assertEqual(self.engine.wait_run("limited", "r1"), "success")
        self.assertEqual(self.engine.wait_run("limited", "r2"), "success")

    def test_a_task_whose_pool_is_missing_says_so(self):
        self.engine.write_dag("lost_pool", """
            BashOperator(task_id="waits", pool="nowhere", bash_command="true")
        """)
        self.engine.trigger("lost_pool", "r1")
        self.engine.wait_task("lost_pool", "r1", "waits", "scheduled")
        notice = self.engine.value("SELECT extra FROM log WHERE task_id = 'waits'")
        self.assertIn("beeflow pools set nowhere", notice)
        self.engine.cli("pools", "set", "nowhere", "1", "")
        self.assertEqual(self.engine.wait_run("lost_pool", "r1"), "success")


class ScheduleTest(EngineTest):

    def test_a_schedule_fires_and_its_runs_cover_the_intervals_one_by_one(self):
        self.engine.start()
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        self.engine.write_dag(
            "each_second", """
            BashOperator(task_id="interval", bash_command=(
                "echo {{ data_interval_start }} {{ data_interval_end }}"))
            """, schedule=Code("timedelta(seconds=1)"),
            start_date=Code(f"pendulum.parse({now.isoformat()!r})"))
        self.engine.wait(lambda: self.engine.value(
            "SELECT count(*) FROM dag_run WHERE state = 'success'") >= 2, "two scheduled runs")
        self.engine.cli("dags", "pause", "each_second")
        runs = self.engine.rows("SELECT * FROM dag_run ORDER BY execution_date LIMIT 2")
        for run in runs:
            self.assertEqual((run["run_type"], run["external_trigger"]), ("scheduled", 0))
            iso = run["execution_date"].replace(" ", "T").replace(".000000", "") + "+00:00"
            self.assertEqual(run["run_id"], "scheduled__" + iso)
            self.assertEqual(run["data_interval_start"], run["execution_date"])
            # Created when its interval is over, and soon after.
            self.assertGreaterEqual(run["queued_at"], run["data_interval_end"])
        self.assertEqual(runs[0]["data_interval_end"], runs[1]["data_interval_start"])

    def test_catchup_makes_up_for_missed_intervals_and_stops_at_the_end_date(self):
        self.engine.start()
        self.engine.write_dag(
            "missed", 'BashOperator(task_id="day", bash_command="echo {{ ds }}")',
            schedule="@daily", catchup=True,
            start_date=Code("pendulum.datetime(2024, 2, 27, tz='UTC')"),
            end_date=Code("pendulum.datetime(2024, 3, 1, tz='UTC')"))
        self.engine.wait(lambda: self.engine.value(
            "SELECT count(*) FROM dag_run WHERE state = 'success'") == 4, "four runs")
        self.assertEqual(
            [json.loads(row["value"]) for row in self.engine.rows(
                "SELECT value FROM xcom ORDER BY run_id")],
            ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"])

    def test_a_paused_dag_starts_nothing_until_it_is_unpaused(self):
        self.engine.set({"core.dags_are_paused_at_creation": "True"})
        self.engine.start()
        self.engine.write_dag("paused", 'BashOperator(task_id="t", bash_command="true")',
                              schedule="@once")
        self.engine.write_dag("other", 'BashOperator(task_id="t", bash_command="true")',
                              is_paused_upon_creation=False)
        self.engine.wait_dag("paused")
        done = self.engine.run("dags", "trigger", "paused", "--run-id", "manual")
        self.assertIn("is paused", done.stderr)
        # Once a later run of another DAG has ended, the paused one has had its chance.
        self.assertEqual(self.engine.complete("other")[0], "success")
        self.assertEqual(self.engine.run_state("paused", "manual"), "queued")
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 2)
        self.engine.cli("dags", "unpause", "paused")
        self.engine.wait(lambda: self.engine.value(
            "SELECT count(*) FROM dag_run WHERE dag_id = 'paused' AND state = 'success'") == 2,
            "the manual and the @once run")


if __name__ == "__main__":
    unittest.main()
