"""The metadata in PostgreSQL: what a psql user changes has its effect, several control processes
take turns, and whatever happens to the server or to them loses and doubles nothing."""

import contextlib
import json
import os
import signal
import subprocess
import unittest
import urllib.request

from engine import DEADLINE_SECONDS, REPOSITORY, Engine, EngineTest, wait_for
from metadata import PgBouncer, PostgresDatabase, PostgresServer, SqliteFile

# Appends a line for each execution, so that one that is lost or doubled shows.
_COUNTED = """
for i in range({tasks}):
    BashOperator(task_id=f"t{{i:02}}", retries=2, retry_delay=timedelta(0),
                 bash_command=f"echo t{{i:02}} >> {{SCRATCH}}/ran; {command}")
"""


class PostgresTest(EngineTest):
    def setUp(self):
        self.metadata = PostgresDatabase()
        self.engine = self.new_engine()
        self._bad_before = self._bad()
        self.addCleanup(self._describe_failure)

    def new_engine(self, settings=None):
        """One more control process on the same database, in a home of its own."""
        engine = Engine({**self.SETTINGS, **(settings or {})}, self.metadata)
        self.addCleanup(engine.close)
        return engine

    def sql(self, text):
        return self.metadata.server.sql(text, self.metadata.url)

    def start_stand_by(self):
        """A second control process with the same DAG files, waiting for its turn."""
        stand_by = self.new_engine()
        stand_by.set({"core.dags_folder": str(self.engine.dags)})
        with open(stand_by.server_log, "ab") as log:
            stand_by.server = stand_by.popen("standalone", stdout=log, stderr=subprocess.STDOUT)
        stand_by.wait_server_log("another control process leads")
        return stand_by

    def await_turn(self, engine):
        wait_for(lambda: b"UI and API" in engine.server_log.read_bytes(), "the stand-by to work",
                 engine)

    def runs_of_tasks(self):
        path = self.engine.scratch / "ran"
        return sorted(path.read_text().split()) if path.exists() else []


class WorkTest(PostgresTest):
    def test_a_run_ends_well_and_its_history_is_there(self):
        self.engine.write_dag("work", """
            @task
            def give():
                return {"answer": 42}

            @task
            def take(found):
                print("found", found["answer"])

            take(give()) >> BashOperator(task_id="shell", bash_command="echo {{ run_id }}")
        """)
        self.engine.start()
        self.assertEqual(self.engine.complete("work"),
                         ("success", {"give": "success", "take": "success", "shell": "success"}))
        self.assertEqual(self.engine.xcom("work", "r1", "give"), {"answer": 42})
        self.assertIn("found 42", self.engine.log("work", "r1", "take"))
        row = self.engine.task("work", "r1", "shell")
        self.assertGreater(row["end_date"], row["start_date"])

    def test_what_psql_changes_has_its_effect(self):
        self.engine.write_dag("work", 'BashOperator(task_id="t", bash_command="true")')
        self.engine.start()
        self.engine.complete("work")
        self.sql("UPDATE task_instance SET state = NULL, external_executor_id = NULL;"
                 "UPDATE dag_run SET state = 'queued', end_date = NULL")
        row = self.engine.wait(
            lambda: (task := self.engine.task("work", "r1", "t"))["try_number"] == 2 and task,
            "the second try")
        self.assertEqual(row["task_id"], "t")
        self.sql("INSERT INTO dag_run (dag_id, run_id, execution_date, queued_at)"
                 " VALUES ('work', 'by_hand', now(), now())")
        self.assertEqual(self.engine.wait_run("work", "by_hand"), "success")

    def test_what_is_committed_late_comes_after_newer_entries_of_the_log(self):
        self.engine.write_dag("work", 'BashOperator(task_id="t", bash_command="true")')
        self.engine.start()
        self.engine.wait_dag("work")
        connection = self.engine.open_transaction(
            "INSERT INTO dag_run (dag_id, run_id, execution_date, queued_at)"
            " VALUES ('work', 'late', now(), now())")
        self.assertEqual(self.engine.complete("work")[0], "success")
        self.engine.metadata.execute(connection, "COMMIT")
        connection.close()
        self.assertEqual(self.engine.wait_run("work", "late"), "success")

    def test_the_command_line_and_the_server_use_the_same_database(self):
        self.engine.write_dag("work", 'BashOperator(task_id="t", bash_command="true")')
        self.engine.start()
        self.engine.complete("work")
        self.assertEqual([run["run_id"] for run in self.engine.json("dags", "list-runs", "-d",
                                                                    "work")], ["r1"])
        self.engine.cli("variables", "set", "colour", "blue")
        self.assertEqual(self.engine.cli("variables", "get", "colour").strip(), "blue")
        self.assertIn("is fine", self.engine.cli("db", "check"))

    def test_commands_of_another_home_wait_for_the_server_that_works(self):
        self.engine.write_dag("work", 'BashOperator(task_id="t", bash_command="echo done")',
                              schedule="@daily")
        self.engine.start()
        self.engine.wait_dag("work")
        other = self.new_engine({"core.dags_folder": str(self.engine.dags),
                                 "logging.base_log_folder": str(self.engine.logs)})
        epoch = self.engine.value("SELECT epoch FROM leader")
        self.assertIn("done", other.cli("dags", "test", "work", "2024-01-01"))
        other.cli("dags", "backfill", "work", "--start-date", "2024-02-01", "--end-date",
                  "2024-02-03")
        self.assertEqual(self.engine.rows("SELECT state, count(*) AS runs FROM dag_run WHERE"
                                          " run_type = 'backfill' GROUP BY state"),
                         [{"state": "success", "runs": 3}])
        self.assertEqual(self.engine.value("SELECT epoch FROM leader"), epoch)

    def test_health_tells_what_the_server_keeps_for_the_feed(self):
        self.engine.start()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.engine.port}/health") as answer:
            feed = json.load(answer)["change_feed"]
        self.assertEqual(feed["status"], "healthy")
        self.assertGreaterEqual(feed["lag_bytes"], 0)

    def test_connections_stay_few_however_many_tasks_run(self):
        self.engine.write_dag("work", _COUNTED.format(tasks=100, command=self.engine.gate("go")),
                              max_active_tasks=1000)
        self.engine.start()
        self.engine.trigger("work", "r1")
        self.engine.wait(lambda: self.engine.value(
            "SELECT count(*) = 100 FROM task_instance WHERE state = 'running'"), "100 tasks to run")
        used = int(self.sql("SELECT count(*) FROM pg_stat_activity WHERE datname ="
                            " current_database() AND application_name = 'beeflow'"))
        self.engine.open_gate("go")
        self.assertEqual(self.engine.wait_run("work", "r1"), "success")
        self.assertLessEqual(used, 8)


class PoolerTest(PostgresTest):
    def test_reads_and_writes_go_through_pgbouncer(self):
        pooler = PgBouncer(self.metadata.server)
        self.addCleanup(pooler.close)
        self.engine.set({"database.url": pooler.url(self.metadata.url),
                         "database.replication_url": self.metadata.url})
        self.engine.write_dag("work", _COUNTED.format(tasks=20, command="true"))
        self.engine.start()
        for run_id in ("r1", "r2"):
            self.assertEqual(self.engine.complete("work", run_id)[0], "success")
        self.assertEqual(len(self.runs_of_tasks()), 40)


class ImportTest(PostgresTest):
    def test_the_history_of_an_sqlite_file_is_taken_over(self):
        other = Engine(metadata=None)
        self.addCleanup(other.close)
        other.metadata = SqliteFile(other.database)
        other.environment.pop("BEEFLOW__DATABASE__URL", None)
        other.write_dag("work", """
            @task
            def give():
                return [1, 2]

            give()
        """)
        other.start()
        self.assertEqual(other.complete("work")[0], "success")
        other.cli("variables", "set", "password_of_it", "open sesame")
        other.cli("pools", "set", "narrow", "3", "a pool")
        other.cli("dags", "pause", "work")
        other.stop()
        key = (other.home / "fernet.key").read_text().strip()
        done = self.engine.cli("db", "import", "--from", str(other.database), "--fernet-key", key)
        self.assertIn("1 DAGs, 1 runs, 1 task instances", done)
        self.engine.cli("db", "import", "--from", str(other.database), "--fernet-key", key)
        self.assertEqual(self.engine.states("work", "r1"), {"give": "success"})
        self.assertEqual(self.engine.xcom("work", "r1", "give"), [1, 2])
        self.assertEqual(self.engine.cli("variables", "get", "password_of_it").strip(),
                         "open sesame")
        self.assertEqual(self.engine.value("SELECT slots FROM slot_pool WHERE pool = 'narrow'"), 3)
        # The schedule and the pause go on where they were.
        self.engine.set({"core.dags_folder": str(other.dags)})
        self.engine.start()
        self.engine.wait_dag("work")
        self.assertTrue(self.engine.value("SELECT is_paused FROM dag WHERE dag_id = 'work'"))
        self.engine.cli("dags", "unpause", "work")
        self.assertEqual(self.engine.complete("work", "r2")[0], "success")


    def test_the_history_of_an_airflow_database_is_taken_over(self):
        airflow = self.metadata.server.new_database()
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", airflow, "-f",
                        REPOSITORY / "tests" / "postgres" / "airflow_2_9.sql"], check=True)
        other = Engine()  # whose values are encrypted as Airflow's are
        self.addCleanup(other.close)
        other.environment.pop("BEEFLOW__DATABASE__URL", None)
        other.cli("variables", "set", "secret_of_it", "open sesame")
        other.cli("connections", "add", "db", "--conn-uri", "postgres://ann:pw@db.example:5433/x")
        with contextlib.closing(SqliteFile(other.database).connect()) as rows:
            val, = rows.execute("SELECT val FROM variable").fetchone()
            password, = rows.execute("SELECT password FROM connection").fetchone()
        self.metadata.server.sql(
            "INSERT INTO variable (key, val, is_encrypted)"
            f" VALUES ('secret_of_it', '{val}', TRUE), ('plain', 'text', FALSE);"
            "INSERT INTO connection (conn_id, conn_type, host, schema, login, password, port,"
            " is_encrypted, is_extra_encrypted, extra) VALUES ('db', 'postgres', 'db.example', 'x',"
            f" 'ann', '{password}', 5433, TRUE, FALSE, NULL)", airflow)
        key = (other.home / "fernet.key").read_text().strip()
        done = self.engine.cli("db", "import", "--from", airflow, "--fernet-key", key)
        self.assertIn("1 DAGs, 2 runs, 3 task instances, 2 pools, 2 Variables, 1 connections", done)
        run_id = "scheduled__2024-03-01T00:00:00+00:00"
        load, = self.engine.rows("SELECT * FROM task_instance WHERE task_id = 'load'")
        self.assertEqual((load["state"], load["try_number"], load["pool"], load["duration"]),
                         ("success", 2, "narrow", 60))
        self.assertEqual(load["start_date"], "2024-03-02 00:01:00.000000")
        self.assertEqual(self.engine.xcom("etl", run_id, "extract"), ["a"])
        self.assertIsNone(self.engine.xcom("etl", run_id, "extract", "pickled"))
        self.assertEqual(self.engine.value("SELECT content FROM dag_run_note"), "a good day")
        self.assertEqual(self.engine.value("SELECT content FROM task_instance_note"), "slow")
        self.assertEqual(self.engine.value("SELECT email_sent FROM sla_miss"), True)
        self.assertEqual(self.engine.value("SELECT include_deferred FROM slot_pool WHERE"
                                           " pool = 'narrow'"), True)
        self.assertEqual(self.engine.value("SELECT owner FROM log WHERE event = 'trigger'"), "ann")
        self.assertEqual(self.engine.cli("variables", "get", "secret_of_it").strip(),
                         "open sesame")
        self.assertIn("ann:pw@db.example:5433/x", self.engine.cli("connections", "get", "db"))
        # What Airflow left running starts again here.
        self.engine.write_dag("etl", 'BashOperator(task_id="extract", bash_command="true")')
        self.engine.start()
        self.engine.wait_dag("etl")
        self.engine.cli("dags", "unpause", "etl")
        self.assertEqual(self.engine.wait_run("etl", "manual__2024-03-02T12:00:00+00:00"),
                         "success")
        self.assertEqual(self.engine.run_state("etl", run_id), "success")


class TurnsTest(PostgresTest):
    def test_a_stand_by_takes_over_from_a_process_that_dies(self):
        self.engine.write_dag("work", _COUNTED.format(tasks=20, command=self.engine.gate("go")))
        self.engine.start()
        stand_by = self.start_stand_by()
        self.engine.trigger("work", "r1")
        self.engine.wait(lambda: len(self.runs_of_tasks()) >= 16, "tasks to run")
        self.engine.kill()
        self.await_turn(stand_by)
        self.engine.open_gate("go")
        self.assertEqual(stand_by.wait_run("work", "r1"), "success")
        tasks = {name for name in self.runs_of_tasks()}
        self.assertEqual(len(tasks), 20)

    def test_a_process_that_was_stopped_changes_nothing_when_it_wakes_up(self):
        self.engine.write_dag("work", _COUNTED.format(tasks=5, command=self.engine.gate("go")))
        self.engine.start()
        stand_by = self.start_stand_by()
        self.engine.trigger("work", "r1")
        self.engine.wait(lambda: len(self.runs_of_tasks()) >= 5, "tasks to run")
        first = int(self.sql("SELECT epoch FROM leader"))
        os.kill(self.engine.server.pid, signal.SIGSTOP)
        self.await_turn(stand_by)
        stand_by.wait(lambda: stand_by.value(
            "SELECT count(*) = 0 FROM task_instance WHERE state = 'running' AND try_number = 1"),
            "the attempts of the stopped process to be given up")
        self.engine.open_gate("go")
        os.kill(self.engine.server.pid, signal.SIGCONT)
        self.engine.wait_server_log("another control process leads")
        self.assertEqual(stand_by.wait_run("work", "r1"), "success")
        second = int(self.sql("SELECT epoch FROM leader"))
        self.assertGreater(second, first)
        # The first one is a stand-by now, and takes its turn.
        stand_by.kill()
        self.engine.wait(lambda: int(self.sql("SELECT epoch FROM leader")) > second,
                         "the first process to lead again")
        self.assertEqual(self.engine.complete("work", "r2")[0], "success")

    def test_no_run_is_scheduled_twice_when_the_leader_changes(self):
        self.engine.write_dag("often", 'EmptyOperator(task_id="t")',
                              schedule="@daily", catchup=True, max_active_runs=1,
                              end_date=None)
        self.engine.start()
        stand_by = self.start_stand_by()
        self.engine.wait(lambda: self.engine.value("SELECT count(*) > 50 FROM dag_run"), "runs")
        self.engine.kill()
        self.await_turn(stand_by)
        seen = stand_by.value("SELECT count(*) FROM dag_run")
        stand_by.wait(lambda: stand_by.value("SELECT count(*) FROM dag_run") > seen + 50, "runs")
        self.assertEqual(stand_by.value(
            "SELECT count(*) - count(DISTINCT data_interval_start) FROM dag_run"), 0)


class FaultTest(PostgresTest):
    def setUp(self):
        super().setUp()
        self.server = PostgresServer()
        self.addCleanup(self.server.close)
        self.metadata = PostgresDatabase(self.server)
        self.engine = self.new_engine()

    def test_a_server_that_restarts_loses_nothing(self):
        self.engine.write_dag("work", _COUNTED.format(tasks=10, command=self.engine.gate("go")))
        self.engine.start()
        self.engine.trigger("work", "r1")
        self.engine.wait(lambda: len(self.runs_of_tasks()) == 10, "tasks to run")
        self.server.restart("immediate")
        self.engine.open_gate("go")
        self.engine._connection = None
        self.assertEqual(self.engine.wait_run("work", "r1"), "success")
        self.assertEqual(len(self.runs_of_tasks()), 10)

    def test_a_slot_that_was_dropped_is_made_anew(self):
        self.engine.write_dag("work", 'BashOperator(task_id="t", bash_command="true")')
        self.engine.start()
        self.engine.complete("work")
        self.engine.kill()
        wait_for(lambda: self.sql("SELECT count(*) FROM pg_replication_slots WHERE active") == "0",
                 "the slot to be free", self.engine)
        self.sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots;"
                 "INSERT INTO dag_run (dag_id, run_id, execution_date, queued_at)"
                 " VALUES ('work', 'meanwhile', now(), now())")
        self.engine.start()
        self.assertEqual(self.engine.wait_run("work", "meanwhile"), "success")


class PrepareTest(unittest.TestCase):
    def test_a_server_without_logical_replication_is_refused_with_the_statement(self):
        server = PostgresServer("wal_level=replica")
        self.addCleanup(server.close)
        engine = Engine(metadata=PostgresDatabase(server))
        self.addCleanup(engine.close)
        done = engine.run("db", "migrate")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ALTER SYSTEM SET wal_level = 'logical'", done.stderr)

    def test_a_role_without_replication_is_refused_with_the_statement(self):
        metadata = PostgresDatabase()
        metadata.server.sql("CREATE ROLE plain LOGIN; GRANT ALL ON SCHEMA public TO plain",
                            metadata.url)
        engine = Engine({"database.url": metadata.url.replace("postgres@", "plain@")}, metadata)
        self.addCleanup(engine.close)
        done = engine.run("db", "migrate")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ALTER ROLE plain REPLICATION", done.stderr)
        self.assertEqual(metadata.server.sql("SELECT count(*) FROM pg_tables WHERE tablename ="
                                             " 'dag'", metadata.url), "0")

    def test_many_may_migrate_at_once_and_a_newer_schema_is_refused(self):
        metadata = PostgresDatabase()
        engine = Engine(metadata=metadata)
        self.addCleanup(engine.close)
        started = [engine.popen("db", "migrate", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True) for _ in range(4)]
        outputs = [process.communicate(timeout=DEADLINE_SECONDS)[0] for process in started]
        self.assertEqual([process.returncode for process in started], [0] * 4, outputs)
        metadata.server.sql("INSERT INTO beeflow_schema (version) VALUES (999)", metadata.url)
        done = engine.run("dags", "list")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("schema version 999", done.stderr)


if __name__ == "__main__":
    unittest.main()
