"""Variables, Connections and what else running tasks ask of the engine: stored by the command line,
read by tasks, encrypted at rest, and printed only where they are asked for."""

import json
import os
import stat
import unittest

from engine import EngineTest

# Asks the engine for what the authoring API has no name for.
ASK = """
def ask(method, **params):
    from airflow import _engine
    engine = _engine.require(method)
    if hasattr(engine, "request"):
        return engine.request(method, **params)
    return engine._request(method, params)
"""
SECRET = "s3cret-value"


class StateTest(EngineTest):
    """With a server, as people run it."""

    def have_tasks(self, body, dag_id="state"):
        """A DAG whose file can ask, and whose first line of `body` may define tasks."""
        self.engine.write_dag(dag_id, ASK + body)
        self.engine.wait_dag(dag_id)

    def test_a_variable_of_the_command_line_reaches_tasks_and_is_encrypted_at_rest(self):
        self.engine.start()
        self.have_tasks("""
@task
def read():
    from airflow.models import Variable
    return [len(Variable.get("token")), Variable.get("limits", deserialize_json=True)]

read() >> BashOperator(task_id="shown", bash_command="echo '{{ var.value.word }}'")
""")
        self.engine.cli("variables", "set", "token", SECRET)
        self.engine.cli("variables", "set", "limits", '{"rows": 7}')
        self.engine.cli("variables", "set", "word", "hello")
        state, _ = self.engine.complete("state")
        self.assertEqual(state, "success")
        self.assertEqual(self.engine.xcom("state", "r1", "read"), [len(SECRET), {"rows": 7}])
        self.assertIn("hello", self.engine.log("state", "r1", "shown"))

        self.assertEqual(self.engine.value(
            "SELECT count(*) FROM variable WHERE NOT is_encrypted"), 0)
        key = self.engine.home / "fernet.key"
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.engine.stop()
        for path in [self.engine.server_log, *self.engine.home.rglob("*")]:
            if path.is_file():
                self.assertNotIn(SECRET.encode(), path.read_bytes(), path)

    def test_tasks_store_variables_and_read_connections(self):
        self.engine.start()
        self.have_tasks("""
@task
def use():
    ask("variable_set", key="cursor", value="42", description="where to go on")
    ask("variable_set", key="gone", value="1")
    return [ask("variable_get", key="cursor"), ask("variable_delete", key="gone"),
            ask("variable_delete", key="gone"), ask("connection_get", conn_id="none"),
            ask("connection_get", conn_id="web")]

use()
""")
        self.engine.cli("connections", "add", "web", "--conn-uri", "http://ann:pw@h:80/x?k=v")
        self.assertEqual(self.engine.complete("state")[0], "success")
        *variables, connection = self.engine.xcom("state", "r1", "use")
        self.assertEqual(variables, ["42", True, False, None])
        self.assertEqual(connection, {
            "conn_id": "web", "conn_type": "http", "description": None, "host": "h", "schema": "x",
            "login": "ann", "password": "pw", "port": 80, "extra": '{"k":"v"}'})
        self.assertEqual(self.engine.cli("variables", "get", "cursor"), "42\n")
        self.assertEqual(self.engine.json("variables", "list"), [{"key": "cursor"}])

    def test_a_task_triggers_another_dag_and_looks_at_its_run(self):
        self.engine.start()
        self.engine.write_dag("other", "EmptyOperator(task_id='only')")
        self.engine.wait_dag("other")
        self.have_tasks("""
@task
def start():
    run = ask("trigger_dag", dag_id="other", run_id="mine", logical_date="2021-05-06T00:00:00Z",
              conf={"n": 1}, reset=False)
    return [run["run_id"], run["conf"], run["logical_date"]]

@task
def again():
    try:
        ask("trigger_dag", dag_id="other", run_id="mine", logical_date=None, conf={}, reset=False)
    except Exception as error:
        return str(error)

start() >> again()
""")
        self.have_tasks("""
@task
def look():
    return {
        "states": ask("task_states", dag_id="other", run_id="mine", logical_dates=None,
                      task_ids=None, group=None),
        "count": ask("run_count", dag_id="other", logical_dates=["2021-05-06T00:00:00+00:00"],
                     run_ids=None, states=["success"]),
        "dag": ask("dag_get", dag_id="other"),
        "pool": ask("pool_get", pool="default_pool")["pool"],
        "none": ask("run_get", dag_id="other", run_id="none"),
    }

look()
""", dag_id="watcher")
        self.engine.trigger("state", "r1")
        self.engine.wait_run("other", "mine", "success")
        self.assertEqual(self.engine.wait_run("state", "r1"), "success")
        self.assertEqual(self.engine.xcom("state", "r1", "start"),
                         ["mine", {"n": 1}, "2021-05-06T00:00:00+00:00"])
        self.assertIn("exists: DAG other", self.engine.xcom("state", "r1", "again"))

        self.assertEqual(self.engine.complete("watcher")[0], "success")
        seen = self.engine.xcom("watcher", "r1", "look")
        self.assertEqual([(row["task_id"], row["state"]) for row in seen["states"]],
                         [("only", "success")])
        self.assertEqual((seen["count"], seen["pool"], seen["none"]), (1, "default_pool", None))
        self.assertEqual(seen["dag"]["task_ids"], ["only"])

    def test_xcoms_of_a_running_task_and_their_limit(self):
        self.engine.set({"core.max_xcom_bytes": 1000})
        self.engine.start()
        self.have_tasks("""
@task
def push(run_id=None):
    where = {"dag_id": "state", "run_id": run_id, "task_id": "push", "map_index": -1}
    ask("xcom_set", key="early", value={"a": 1}, **where)
    found = ask("xcom_get", key="early", **where)
    ask("xcom_set", key="large", value="x" * 1000, **where)
    return found

push()
""")
        self.assertEqual(self.engine.complete("state")[0], "failed")
        self.assertEqual(self.engine.xcom("state", "r1", "push", "early"), {"a": 1})
        self.assertIn("XCom 'large' of task state.push has 1002 bytes of JSON, and [core] "
                      "max_xcom_bytes allows 1000", self.engine.log("state", "r1", "push"))

    def test_a_wrong_key_is_told_by_name(self):
        self.engine.cli("variables", "set", "token", SECRET)
        (self.engine.home / "fernet.key").unlink()
        self.engine.start()
        self.have_tasks("""
@task
def read():
    from airflow.models import Variable
    return Variable.get("token")

read()
""")
        self.assertEqual(self.engine.complete("state")[0], "failed")
        log = self.engine.log("state", "r1", "read")
        self.assertIn("Variable 'token': it is encrypted, and there is no Fernet key", log)
        done = self.engine.run("variables", "get", "token")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Variable 'token'", done.stderr)

    def test_tasks_do_not_inherit_the_key(self):
        key = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
        self.engine.set({"core.fernet_key": key})
        self.engine.start()
        self.have_tasks("""
BashOperator(task_id="shell", bash_command="env")
@task
def python():
    import os
    return [name for name in os.environ if "FERNET" in name]
python()
""")
        self.assertEqual(self.engine.complete("state")[0], "success")
        self.assertNotIn("FERNET", self.engine.log("state", "r1", "shell"))
        self.assertEqual(self.engine.xcom("state", "r1", "python"), [])
        self.assertFalse((self.engine.home / "fernet.key").exists())


class CommandTest(EngineTest):
    """Without a server."""

    def test_keys_are_rotated_one_after_the_other(self):
        keys = ["cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=",
                "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="]
        self.engine.environment["AIRFLOW__CORE__FERNET_KEY"] = keys[0]  # Airflow's name does too
        self.engine.cli("variables", "set", "token", SECRET)
        self.engine.set({"core.fernet_key": f"{keys[1]},{keys[0]}"})
        self.engine.cli("rotate-fernet-key")
        self.engine.set({"core.fernet_key": keys[1]})
        self.assertEqual(self.engine.cli("variables", "get", "token"), SECRET + "\n")
        self.engine.set({"core.fernet_key": keys[0]})
        self.assertIn("cannot be decrypted with the key in [core] fernet_key",
                      self.engine.run("variables", "get", "token").stderr)

    def test_files_of_variables_and_connections(self):
        source = self.engine.root / "in.yaml"
        source.write_text("a: text\nb: {z: 1, a: [yes]}\n", encoding="utf-8")
        self.engine.cli("variables", "import", str(source))
        self.assertEqual(json.loads(self.engine.cli("variables", "export", "-")),
                         {"a": "text", "b": {"z": 1, "a": [True]}})
        source = self.engine.root / "in.env"
        source.write_text(f"# servers\nweb=http://ann:{SECRET}@h\n", encoding="utf-8")
        told = self.engine.cli("connections", "import", str(source))
        self.assertEqual(told, "Imported connection web\n")
        self.assertNotIn(SECRET, self.engine.cli("connections", "list"))
        target = self.engine.root / "out.json"
        self.engine.cli("connections", "export", str(target))
        self.assertEqual(json.loads(target.read_text(encoding="utf-8"))["web"]["password"], SECRET)
        self.assertEqual(stat.S_IMODE(os.stat(target).st_mode), 0o600)

    def test_testing_a_task_stores_nothing(self):
        self.engine.write_dag("state", ASK + """
@task
def push(run_id=None):
    where = {"dag_id": "state", "run_id": run_id, "task_id": "push", "map_index": -1}
    ask("xcom_set", key="k", value=1, **where)
    print("found", ask("xcom_get", key="k", **where), ask("variable_get", key="word"))
push()
""")
        self.engine.cli("variables", "set", "word", "hello")
        self.assertIn("found None hello", self.engine.cli("tasks", "test", "state", "push"))
        self.assertEqual(self.engine.value("SELECT count(*) FROM xcom"), 0)


if __name__ == "__main__":
    unittest.main()
