"""Tasks run on workers that NATS connects to the server. Whatever of the three is killed,
suspended, restarted or loses what it has, every task instance ends as it should, and runs once at a
time."""

import json
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

from engine import wait_for
from nats_cluster import NatsTest, NatsWorker
from nats_keys import Nkey

# A worker that is gone is noticed within this.
_NOTICED_SECONDS = 5


def get(engine, path):
    """What the server answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{engine.port}{path}") as answer:
        return answer.read().decode()


class PathTest(NatsTest):

    def test_example_dags_run_on_three_workers(self):
        examples = ("tour_branches", "tour_python", "tour_retries", "tour_skips",
                    "tour_trigger_rules")
        for name in examples:
            self.engine.copy_example(f"tour/{name}.py")
        self.start("w1", "w2", "w3")
        for name in examples:
            self.engine.trigger(name, "r1")
        for name in examples:
            self.engine.wait_run(name, "r1")
        expected = {row["dag_id"]: row["state"] for row in
                    self.engine.rows("SELECT dag_id, state FROM dag_run")}
        self.assertEqual({name: expected[name] for name in examples},
                         dict.fromkeys(examples, "success"))
        names = {row["environment"].split("/")[0].split(":")[1] for row in self.engine.rows(
            "SELECT environment FROM attempt WHERE environment IS NOT NULL")}
        pids = {str(worker.pid) for worker in self.workers.values()}
        self.assertLessEqual(names, pids)

    def test_a_chain_passes_values_from_worker_to_worker(self):
        self.start("w1", "w2")
        self.engine.write("helper.py", "def add(value):\n    return value + 1\n")
        self.engine.write_dag("chain", """
            import helper

            @task(queue="w1")
            def one():
                print("said on the way")
                return helper.add(0)

            @task(queue="w2")
            def two(value):
                return helper.add(value)

            shown = BashOperator(task_id="shown", bash_command="echo {{ ti.xcom_pull('two') }}",
                                 queue="w1")
            two(one()) >> shown
        """)
        self.assertEqual(self.engine.complete("chain")[0], "success")
        self.assertEqual(self.engine.xcom("chain", "r1", "shown"), "2")
        log = self.engine.log("chain", "r1", "one")
        self.assertEqual(log.count("said on the way"), 1)
        self.assertIn("Attempt 1 ended: success", log)
        self.assertEqual(list((self.workers["w1"].home / "run").glob("worker-*/logs/*")), [])

    def test_a_large_value_goes_there_and_back(self):
        self.start("w1")
        self.engine.write_dag("large", """
            @task
            def make():
                return "x" * 3_000_000

            @task
            def measure(value):
                return len(value)

            measure(make())
        """)
        self.assertEqual(self.engine.complete("large")[0], "success")
        self.assertEqual(self.engine.xcom("large", "r1", "measure"), 3_000_000)

    def test_triggers_and_local_queues_stay_with_the_server(self):
        self.engine.set({"nats.local_queues": "here"})
        self.start("w1")
        self.engine.write_dag("mixed", """
            from airflow.sensors.time_delta import TimeDeltaSensorAsync

            BashOperator(task_id="here", bash_command="echo $PPID", queue="here")
            TimeDeltaSensorAsync(task_id="deferred", delta=timedelta(seconds=0))
        """)
        self.assertEqual(self.engine.complete("mixed")[0], "success")
        self.assertNotEqual(self.engine.xcom("mixed", "r1", "here"), str(self.workers["w1"].pid))

    def test_a_worker_takes_no_more_than_its_slots(self):
        self.start("w1", slots=2)
        gate = self.engine.gate("go")
        self.engine.write_dag("many", f"""
            for i in range(6):
                BashOperator(task_id=f"t{{i}}", bash_command={gate!r})
        """)
        self.engine.trigger("many", "r1")
        count = "SELECT count(*) FROM task_instance WHERE state = 'running'"
        self.engine.wait(lambda: self.engine.value(count) == 2, "two tasks to run")
        # The rest waits in the stream, where whoever scales workers sees it.
        self.assertEqual(len(list((self.workers["w1"].home / "run").glob(
            "worker-*/logs/*/*/*/*.log"))), 2)
        metrics = get(self.engine, "/metrics")
        self.assertIn('beeflow_queue_waiting{queue="default"} 4\n', metrics)
        self.assertIn('beeflow_queue_running{queue="default"} 2\n', metrics)
        self.assertIn('beeflow_queue_slots{queue="default"} 2\n', metrics)
        self.assertIn("beeflow_nats_connected 1\n", metrics)
        seen = json.loads(get(self.engine, "/api/v1/ui/environments"))
        self.assertEqual([(worker["name"], worker["running"]) for worker in seen["workers"]],
                         [("w1", 2)])
        self.assertEqual([queue["waiting"] for queue in seen["queues"]
                          if queue["queue"] == "default"], [4])
        self.engine.open_gate("go")
        self.assertEqual(self.engine.wait_run("many", "r1"), "success")

    def test_a_log_is_followed_while_it_is_written(self):
        self.start("w1")
        gate = self.engine.gate("go")
        self.engine.write_dag("talks", f"""
            BashOperator(task_id="t", bash_command="echo begun; {gate}; echo done")
        """)
        self.engine.trigger("talks", "r1")
        self.engine.wait_task("talks", "r1", "t", "running")
        wait_for(lambda: "] begun\n" in self.engine.log("talks", "r1", "t"), "the first line")
        self.assertNotIn("] done\n", self.engine.log("talks", "r1", "t"))
        self.engine.open_gate("go")
        self.engine.wait_task("talks", "r1", "t", "success")
        # Completely there when the end is known.
        self.assertIn("] done\n", self.engine.log("talks", "r1", "t"))
        self.assertIn("Attempt 1 ended: success", self.engine.log("talks", "r1", "t"))

    def test_a_cancelled_task_is_ended_on_its_worker(self):
        self.start("w1")
        gate = self.engine.gate("never")
        self.engine.write_dag("stopped", f"""
            BashOperator(task_id="t", bash_command={gate!r})
        """)
        self.engine.trigger("stopped", "r1")
        pid = self.engine.wait_task("stopped", "r1", "t", "running")["pid"]
        self.engine.edit("UPDATE task_instance SET state = 'failed'")
        self.engine.wait_gone(pid)

    def test_a_changed_file_is_a_version_of_its_own(self):
        self.start("w1")
        gate = self.engine.gate("go")
        self.engine.write("word.py", "WORD = 'old'\n")
        source = f"""
            import time

            @task(queue="w1")
            def first():
                open({str(self.engine.scratch / "go")!r}).close()
                import word
                return word.WORD

            @task(queue="w1")
            def second(before):
                import word
                return before + " " + word.WORD

            second(first())
        """
        self.engine.write_dag("changes", source)
        self.engine.trigger("changes", "r1")
        self.engine.wait_task("changes", "r1", "first", "running")
        self.engine.write("word.py", "WORD = 'new'\n")
        self.engine.write_dag("other", "EmptyOperator(task_id='t')")
        self.engine.wait_dag("other")
        time.sleep(1.1)  # the folder is looked at once a second
        self.engine.open_gate("go")
        self.assertEqual(self.engine.wait_run("changes", "r1"), "success")
        self.assertEqual(self.engine.xcom("changes", "r1", "second"), "old new")


class FailureTest(NatsTest):

    def start_blocked(self, *names, retries=0, tasks=1, queue=None):
        """Workers, and a run whose tasks tell their try once gate `go`, or from the second try on
        gate `again`, is open."""
        self.start(*names)
        again, go = self.engine.gate("again"), self.engine.gate("go")
        named = f", queue={queue!r}" if queue else ""
        self.engine.write_dag("lives", f"""
            for i in range({tasks}):
                BashOperator(
                    task_id=f"t{{i}}", retries={retries}, retry_delay=timedelta(0){named},
                    bash_command='if test {{{{ ti.try_number }}}} = 1; then {go}; '
                                 'else {again}; fi; echo {{{{ ti.try_number }}}}'
                ) >> BashOperator(
                    task_id=f"after_{{i}}", bash_command="true")
        """)
        self.engine.trigger("lives", "r1")
        for i in range(tasks):
            self.engine.wait_task("lives", "r1", f"t{i}", "running")

    def assert_all_went_well(self, tasks=1, tries=1):
        self.assertEqual(self.engine.wait_run("lives", "r1"), "success")
        for i in range(tasks):
            self.assertEqual(self.engine.xcom("lives", "r1", f"t{i}"), str(tries))
            self.assertEqual(self.engine.task("lives", "r1", f"t{i}")["try_number"], tries)

    def test_a_worker_that_is_killed_is_noticed_and_its_task_tried_again(self):
        self.start_blocked("w1", "w2", retries=1)
        self.holder("lives", "r1", "t0").kill()
        began = time.monotonic()
        self.engine.wait(
            lambda: self.engine.task("lives", "r1", "t0")["try_number"] == 2, "the second try")
        self.assertLess(time.monotonic() - began, _NOTICED_SECONDS)
        self.engine.open_gate("again")
        self.assert_all_went_well(tries=2)

    def test_without_retries_it_fails_with_the_reason(self):
        self.start_blocked("w1")
        self.holder("lives", "r1", "t0").kill()
        self.engine.wait_task("lives", "r1", "t0", "failed")
        self.engine.wait_server_log("was lost: nothing was heard of it")

    def test_the_late_success_of_a_worker_that_was_given_up_counts_for_nothing(self):
        self.start_blocked("w1", "w2", retries=1)
        stopped = self.holder("lives", "r1", "t0")
        first = self.engine.task("lives", "r1", "t0")
        stopped.signal(signal.SIGSTOP)
        self.engine.open_gate("go")  # its process ends, and nobody there notices
        self.engine.wait_gone(first["pid"])
        self.engine.wait(
            lambda: self.engine.task("lives", "r1", "t0")["try_number"] == 2, "the second try")
        second = self.engine.wait_task("lives", "r1", "t0", "running")
        stopped.signal(signal.SIGCONT)
        # What it has to tell of the first try comes before this.
        self.engine.write_dag("probe", f"""
            BashOperator(task_id="t", bash_command="true", queue={stopped.name!r})
        """)
        self.assertEqual(self.engine.complete("probe")[0], "success")
        self.assertEqual(self.engine.task("lives", "r1", "t0")["external_executor_id"],
                         second["external_executor_id"])
        self.assertEqual(self.engine.task("lives", "r1", "t0")["state"], "running")
        self.engine.open_gate("again")
        self.assert_all_went_well(tries=2)

    def test_tasks_survive_a_restart_of_nats(self):
        self.start_blocked("w1", "w2", tasks=3)
        self.nats.stop()
        self.nats.start()
        self.engine.open_gate("go")
        self.assert_all_went_well(tasks=3)

    def test_tasks_that_end_while_nats_is_away_are_recorded(self):
        self.start_blocked("w1", tasks=2)
        pids = [self.engine.task("lives", "r1", f"t{i}")["pid"] for i in range(2)]
        self.nats.stop()
        self.engine.open_gate("go")
        for pid in pids:
            self.engine.wait_gone(pid)
        self.nats.start()
        self.assert_all_went_well(tasks=2)

    def test_nats_may_lose_all_that_it_holds(self):
        self.start_blocked("w1", tasks=2, queue="w1")
        self.engine.write_dag("waits", """
            BashOperator(task_id="t", bash_command="true", queue="later")
        """)
        self.engine.trigger("waits", "r1")
        self.engine.wait_task("waits", "r1", "t", "queued")
        self.nats.wipe()
        self.engine.open_gate("go")
        self.assert_all_went_well(tasks=2)
        self.worker("later")
        self.assertEqual(self.engine.wait_run("waits", "r1"), "success")

    def test_what_an_operator_purges_is_sent_again(self):
        self.engine.set({"nats.sweep_seconds": 0.2})
        self.engine.start()
        self.engine.write_dag("waits", """
            BashOperator(task_id="t", bash_command="true", queue="later")
        """)
        self.engine.trigger("waits", "r1")
        self.engine.wait_task("waits", "r1", "t", "queued")

        def is_repaired():
            self.nats.purge("BEEFLOW_ATTEMPTS")
            return "beeflow_nats_repairs_total 0\n" not in get(self.engine, "/metrics")
        self.engine.wait(is_repaired, "the attempt to be sent again")
        self.worker("later")
        self.assertEqual(self.engine.wait_run("waits", "r1"), "success")

    def test_running_tasks_survive_the_death_of_the_server(self):
        self.start_blocked("w1", "w2", tasks=3)
        self.engine.kill()
        self.engine.start()
        self.engine.open_gate("go")
        self.assert_all_went_well(tasks=3)

    def test_tasks_that_end_while_no_server_runs_are_recorded(self):
        self.start_blocked("w1", tasks=2)
        pids = [self.engine.task("lives", "r1", f"t{i}")["pid"] for i in range(2)]
        self.engine.kill()
        self.engine.open_gate("go")
        for pid in pids:
            self.engine.wait_gone(pid)
        self.engine.start()
        self.assert_all_went_well(tasks=2)
        self.assertIn("ended: success", self.engine.log("lives", "r1", "t0"))

    def test_a_task_whose_worker_died_while_no_server_ran_is_tried_again(self):
        self.start_blocked("w1", "w2", retries=1)
        holder = self.holder("lives", "r1", "t0")
        self.engine.kill()
        holder.kill()
        self.engine.start()
        self.engine.open_gate("again")
        self.assert_all_went_well(tries=2)

    def test_a_worker_that_is_told_to_stop_finishes_and_takes_no_more(self):
        self.start_blocked("w1")
        worker = self.workers["w1"]
        worker.signal(signal.SIGTERM)
        worker.wait_log("run to their end")
        self.engine.write_dag("waits", """
            BashOperator(task_id="t", bash_command="true")
        """)
        self.engine.trigger("waits", "r1")
        self.engine.wait_task("waits", "r1", "t", "queued")
        self.engine.open_gate("go")
        self.engine.wait_task("lives", "r1", "t0", "success")
        self.assertEqual(worker.process.wait(30), 0)
        self.assertEqual(self.engine.task("waits", "r1", "t")["state"], "queued")
        self.worker("w2")
        self.assertEqual(self.engine.wait_run("waits", "r1"), "success")
        self.assert_all_went_well()


# What docs/workers.md grants.
_CONTROL_MAY = {"publish": ["beeflow.>", "$JS.API.>", "$JS.ACK.>"],
                "subscribe": ["beeflow.>"]}
_W1_MAY = {"publish": ["beeflow.control.w1.*", "beeflow.reports.w1.*",
                       "$JS.API.CONSUMER.MSG.NEXT.BEEFLOW_ATTEMPTS.queue-default",
                       "$JS.API.CONSUMER.MSG.NEXT.BEEFLOW_ATTEMPTS.queue-w1",
                       "$JS.ACK.BEEFLOW_ATTEMPTS.queue-default.>",
                       "$JS.ACK.BEEFLOW_ATTEMPTS.queue-w1.>"],
           "subscribe": ["beeflow.workers", "beeflow.worker.w1.>"]}


class PermissionTests:
    """A NATS server that lets each do what docs/workers.md grants it, and nothing else."""

    settings_of_worker = {}

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="beeflow-nats-keys-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.SERVER = self.make_server()
        super().setUp()
        self.engine.set({"nats.url": self.url, **self.settings_of_control})

    def make_server(self):
        """What its configuration says; sets the settings of control and worker, too."""
        raise NotImplementedError

    @property
    def url(self):
        return self.nats.url

    def permitted(self, name, *options, settings=None):
        """A worker that is w1 to NATS, unless the settings say otherwise."""
        made = NatsWorker(self.engine, self.url, name, "--queues", "default", *options,
                          settings=self.settings_of_worker if settings is None else settings)
        self.addCleanup(made.close)
        self.workers[name] = made
        return made

    def test_a_worker_works_with_its_own_permissions_only(self):
        self.engine.start()
        self.permitted("w1")
        self.engine.wait_server_log("worker w1.")
        self.engine.write_dag("asks", """
            @task
            def ask():
                import os
                from airflow.models import Variable
                Variable.set("colour", "blue")
                return [Variable.get("colour"), os.environ.get("BEEFLOW__NATS__PASSWORD")]

            ask()
        """)
        self.assertEqual(self.engine.complete("asks")[0], "success")
        self.assertEqual(self.engine.xcom("asks", "r1", "ask"), ["blue", None])
        # Under another name it may not speak.
        self.permitted("w2").wait_log("ermissions")
        self.assertNotIn("worker w2.", self.engine.server_log.read_text(errors="replace"))

    def test_who_shows_nothing_is_refused(self):
        self.permitted("w1", settings={name: value for name, value in
                                       self.settings_of_worker.items()
                                       if name == "nats.ca_file"}).wait_log("refuses us")


class PasswordTest(PermissionTests, NatsTest):
    """With TLS."""

    def make_server(self):
        certificate, key = self.folder / "cert.pem", self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-keyout", str(key), "-out", str(certificate), "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost"],
                       check=True, capture_output=True)
        self.settings_of_control = {"nats.user": "server", "nats.password": "of-server",
                                    "nats.ca_file": certificate}
        self.settings_of_worker = {"nats.user": "w1", "nats.password": "of-w1",
                                   "nats.ca_file": certificate}
        return f"""
            tls {{ cert_file: "{certificate}", key_file: "{key}" }}
            authorization {{ users = [
              {{ user: server, password: of-server, permissions: {json.dumps(_CONTROL_MAY)} }}
              {{ user: w1, password: of-w1, permissions: {json.dumps(_W1_MAY)} }} ] }}"""

    @property
    def url(self):
        return self.nats.url.replace("nats://127.0.0.1", "tls://localhost")

    def test_a_wrong_password_or_an_unknown_authority_is_told(self):
        self.permitted("w1", settings={**self.settings_of_worker, "nats.password": "wrong"}
                       ).wait_log("refuses us")
        self.permitted("w3", settings={**self.settings_of_worker,
                                       "nats.server_name": "another.example"}
                       ).wait_log("refuses us")


class NkeyTest(PermissionTests, NatsTest):
    """With nkeys, which the server's configuration lists."""

    def make_server(self):
        keys = {name: Nkey(self.folder, "user") for name in ("server", "w1", "other")}
        self.settings_of_control, self.settings_of_worker, self.settings_of_other = [
            {"nats.nkey": key.public,
             "nats.nkey_seed_file": key.write_seed(self.folder / f"{name}.nk")}
            for name, key in keys.items()]
        return f"""
            authorization {{ users = [
              {{ nkey: {keys["server"].public}, permissions: {json.dumps(_CONTROL_MAY)} }}
              {{ nkey: {keys["w1"].public}, permissions: {json.dumps(_W1_MAY)} }} ] }}"""

    def test_an_unknown_key_and_a_seed_of_another_one_are_refused(self):
        self.permitted("w1", settings=self.settings_of_other).wait_log("refuses us")
        self.permitted("w3", settings={**self.settings_of_worker, "nats.nkey_seed_file":
                                       self.folder / "other.nk"}).wait_log("refuses us")


class CredentialsTest(PermissionTests, NatsTest):
    """With signed tokens, as `nsc` makes them: the server knows no single user."""

    def make_server(self):
        operator = Nkey(self.folder, "operator")
        self.account, system = Nkey(self.folder, "account"), Nkey(self.folder, "account")
        limits = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"),
                               -1)
        stores = dict.fromkeys(("mem_storage", "disk_storage", "streams", "consumer"), -1)
        tokens = {system.public: operator.token(system, limits=limits),
                  self.account.public: operator.token(self.account, limits={**limits, **stores})}
        self.settings_of_control = self.credentials("server", self.account, _CONTROL_MAY)
        self.settings_of_worker = self.credentials("w1", self.account, _W1_MAY)
        return f"""
            operator: {operator.token(operator)}
            system_account: {system.public}
            resolver: MEMORY
            resolver_preload: {json.dumps(tokens)}"""

    def credentials(self, name, account, may):
        user = Nkey(self.folder, "user")
        token = account.token(user, subs=-1, data=-1, payload=-1,
                              pub={"allow": may["publish"]}, sub={"allow": may["subscribe"]})
        return {"nats.credentials_file":
                user.write_credentials(self.folder / f"{name}.creds", token)}

    def test_a_token_that_another_account_has_signed_is_refused(self):
        stranger = self.credentials("stranger", Nkey(self.folder, "account"), _W1_MAY)
        self.permitted("w1", settings=stranger).wait_log("refuses us")


if __name__ == "__main__":
    unittest.main()
