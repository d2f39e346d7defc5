"""What people write in DAG files, run by the real server: TaskFlow, mapping, sensors, deferral,
branches, setups and teardowns, params, callbacks, templates, and files whose import misbehaves."""

import json
import textwrap
import unittest
from pathlib import Path

from engine import Code, EngineTest, is_alive, wait_for

# The import of a file that misbehaves ends by then; generous enough for any that does not.
IMPORT_TIMEOUT_SECONDS = 4


class AuthoringTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.prepare()
        self.engine.start()

    def prepare(self):
        """What is to be there before the server starts."""

    def instances(self, dag_id, task_id, column="state", run_id="r1"):
        """A column of the instances of a task, by map index."""
        return {row["map_index"]: row[column] for row in self.engine.rows(
            f"SELECT map_index, {column} FROM task_instance WHERE dag_id = ? AND run_id = ? AND "
            "task_id = ? ORDER BY map_index", dag_id, run_id, task_id)}

    def xcoms(self, dag_id, task_id, run_id="r1"):
        """The returned values of the instances of a task, by map index."""
        return {row["map_index"]: json.loads(row["value"]) for row in self.engine.rows(
            "SELECT map_index, value FROM xcom WHERE dag_id = ? AND run_id = ? AND task_id = ? AND "
            "key = 'return_value' ORDER BY map_index", dag_id, run_id, task_id)}

    def succeed(self, dag_id, run_id="r1", conf=None):
        """A run that has to end well; returns the states of its tasks."""
        state, states = self.engine.complete(dag_id, run_id, conf)
        self.assertEqual(state, "success", states)
        return states

    def written(self, name):
        """The lines that tasks and callbacks wrote into a file of the scratch folder, sorted:
        callbacks of different tasks come in any order."""
        path = self.engine.scratch / name
        return sorted(path.read_text(encoding="utf-8").splitlines()) if path.exists() else []


class TaskFlowTest(AuthoringTest):

    def test_decorated_functions_hand_values_to_each_other(self):
        self.engine.write("flow.py", """
            import pendulum
            from airflow.decorators import dag, task, task_group

            @dag(schedule=None, start_date=pendulum.datetime(2021, 1, 1), catchup=False)
            def flow(factor=3):
                @task
                def numbers():
                    return {"values": [1, 2, 3], "name": "é"}

                @task(multiple_outputs=True)
                def measure(data):
                    return {"count": len(data["values"]), "total": sum(data["values"])}

                @task_group
                def report(count, total):
                    @task
                    def line(c, t):
                        return f"{c} items, {t} in all"

                    @task
                    def loud(text):
                        return text.upper()

                    return loud(line(count, total))

                @task.bash
                def shell(text):
                    return f"echo '{text}!'"

                found = measure(numbers())
                shell(report(found["count"], found["total"]))

            flow()
        """)
        self.succeed("flow")
        self.assertEqual(self.engine.xcom("flow", "r1", "numbers"),
                         {"values": [1, 2, 3], "name": "é"})
        self.assertEqual(self.engine.xcom("flow", "r1", "measure", "total"), 6)
        self.assertEqual(self.engine.xcom("flow", "r1", "report.line"), "3 items, 6 in all")
        self.assertEqual(self.engine.xcom("flow", "r1", "shell"), "3 ITEMS, 6 IN ALL!")

    def test_a_branch_and_a_join(self):
        self.engine.write_dag("ways", """
            @task.branch
            def choose(params, dag_run):
                return dag_run.conf["way"]

            @task(trigger_rule="none_failed_min_one_success")
            def join(ti):
                return [ti.xcom_pull(task_ids=name) for name in ("left", "right")]

            @task
            def left():
                return "l"

            @task
            def right():
                return "r"

            choose() >> [left(), right()] >> join()
        """)
        states = self.succeed("ways", "a", {"way": "left"})
        self.assertEqual(states, {"choose": "success", "left": "success", "right": "skipped",
                                  "join": "success"})
        self.assertEqual(self.engine.xcom("ways", "a", "join"), ["l", None])
        states = self.succeed("ways", "b", {"way": "right"})
        self.assertEqual((states["left"], states["right"]), ("skipped", "success"))

    def test_params_have_defaults_and_the_conf_of_the_run_overrides_them(self):
        self.engine.write_dag("params", """
            @task
            def read(params):
                return dict(params)

            read()
            BashOperator(task_id="shell", bash_command="echo {{ params.colour }} {{ params.n }}")
        """, params=Code('{"colour": "red", "n": 1}'))
        self.succeed("params")
        self.assertEqual(self.engine.xcom("params", "r1", "read"), {"colour": "red", "n": 1})
        self.succeed("params", "r2", {"n": 5, "else": True})
        self.assertEqual(self.engine.xcom("params", "r2", "shell"), "red 5")

    def test_the_conf_of_a_run_has_to_fit_the_schema_of_the_params(self):
        self.engine.write("strict.py", """
            import pendulum
            from airflow import DAG
            from airflow.models.param import Param
            from airflow.operators.bash import BashOperator

            with DAG("strict", schedule=None, start_date=pendulum.datetime(2021, 1, 1),
                     params={"n": Param(1, type="integer", minimum=0)}):
                BashOperator(task_id="t", bash_command="echo {{ params.n }}")
        """)
        self.succeed("strict", conf={"n": 7})
        self.assertEqual(self.engine.xcom("strict", "r1", "t"), "7")
        done = self.engine.run("dags", "trigger", "strict", "--conf", '{"n": "many"}')
        self.assertEqual(done.returncode, 1)
        self.assertIn("DAG 'strict': Invalid input for param 'n': \"many\"", done.stderr)
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 1)

    def test_templates_in_arguments_and_files(self):
        self.engine.write("query.sql", "SELECT '{{ ds_nodash }}' || '{{ params.table }}'\n")
        self.engine.write_dag("templates", """
            class Show(PythonOperator):
                template_fields = ("query", "nested")
                template_ext = (".sql",)

                def __init__(self, query, nested, **arguments):
                    super().__init__(python_callable=lambda: None, **arguments)
                    self.query, self.nested = query, nested

                def execute(self, context):
                    return [self.query, self.nested]

            Show(task_id="show", query="query.sql", params={"table": "t"}, nested={
                "list": ["{{ dag.dag_id }}", "{{ macros.ds_add(ds, 1) }}", 3],
                "own": "{{ shout('a') }} {{ 'b' | twice }}"})
        """, user_defined_macros=Code("{'shout': lambda text: text + '!'}"),
            user_defined_filters=Code("{'twice': lambda text: text * 2}"))
        self.engine.wait_dag("templates")
        self.engine.cli("dags", "trigger", "templates", "--run-id", "r1", "--exec-date",
                        "2022-02-28T00:00:00")
        self.assertEqual(self.engine.wait_run("templates", "r1"), "success")
        self.assertEqual(self.engine.xcom("templates", "r1", "show"), [
            "SELECT '20220228' || 't'",
            {"list": ["templates", "2022-03-01", 3], "own": "a! bb"}])


class ParseTimeTest(AuthoringTest):

    def prepare(self):
        self.engine.environment["AIRFLOW_VAR_COLOUR"] = "green"
        self.engine.environment["AIRFLOW_CONN_STORE"] = "http://user:secret@host:81/path"

    def test_a_variable_of_the_environment_is_there_at_parse_time_and_at_run_time(self):
        self.engine.write_dag("coloured", """
            from airflow.hooks.base import BaseHook
            from airflow.models import Variable
            BashOperator(task_id=Variable.get("colour"),
                         bash_command="echo {{ var.value.colour }} {{ conn.store.host }}")
            EmptyOperator(task_id=Variable.get("nothing", default_var="fallback"))
            EmptyOperator(task_id=f"port_{BaseHook.get_connection('store').port}")
        """)
        self.assertEqual(set(self.succeed("coloured")), {"green", "fallback", "port_81"})
        self.assertEqual(self.engine.xcom("coloured", "r1", "green"), "green host")


class MappingTest(AuthoringTest):

    def test_a_task_is_mapped_over_a_returned_list(self):
        self.engine.write_dag("mapped", """
            @task
            def numbers(dag_run):
                return list(range(dag_run.conf.get("n", 3)))

            @task
            def add(x, y):
                return x + y

            n = numbers()
            add.partial(y=10).expand(x=n)
            BashOperator.partial(task_id="shell").expand(bash_command=n.map(lambda x: f"echo {x}"))
        """)
        self.succeed("mapped")
        self.assertEqual(self.xcoms("mapped", "add"), {0: 10, 1: 11, 2: 12})
        self.assertEqual(self.instances("mapped", "shell"),
                         {0: "success", 1: "success", 2: "success"})
        self.assertEqual(self.xcoms("mapped", "shell"), {0: "0", 1: "1", 2: "2"})
        self.succeed("mapped", "r2", {"n": 0})
        self.assertEqual(self.instances("mapped", "add", run_id="r2"), {-1: "skipped"})
        self.assertEqual(self.instances("mapped", "shell", run_id="r2"), {-1: "skipped"})

    def test_products_keyword_lists_and_zips(self):
        self.engine.write_dag("many", """
            @task
            def pair(a, b):
                return f"{a}{b}"

            @task
            def letters():
                return ["x", "y"]

            @task
            def numbers():
                return [1, 2, 3]

            @task
            def join(both):
                return list(both)

            pair.override(task_id="product").expand(a=[1, 2], b=letters.override(task_id="l")())
            pair.override(task_id="keywords").expand_kwargs([{"a": 1, "b": 2}, {"a": 3, "b": 4}])
            a, b = letters(), numbers()
            join.override(task_id="shortest").expand(both=a.zip(b))
            join.override(task_id="longest").expand(both=a.zip(b, fillvalue="-"))
        """)
        self.succeed("many")
        self.assertEqual(self.xcoms("many", "product"), {0: "1x", 1: "1y", 2: "2x", 3: "2y"})
        self.assertEqual(self.xcoms("many", "keywords"), {0: "12", 1: "34"})
        self.assertEqual(self.xcoms("many", "shortest"), {0: ["x", 1], 1: ["y", 2]})
        self.assertEqual(self.xcoms("many", "longest"), {0: ["x", 1], 1: ["y", 2], 2: ["-", 3]})

    def test_an_instance_that_fails_is_retried_alone_and_names_itself(self):
        self.engine.write_dag("uneven", """
            @task(retries=1, retry_delay=timedelta(seconds=0.1),
                  map_index_template="number {{ task.op_kwargs['x'] }}")
            def once(x, ti):
                if x == 2 and ti.try_number == 1:
                    raise ValueError("not yet")
                print("this is", ti.map_index)

            once.expand(x=[1, 2, 3])
        """)
        self.succeed("uneven")
        self.assertEqual(self.instances("uneven", "once", "try_number"), {0: 1, 1: 2, 2: 1})
        folder = self.engine.logs / "dag_id=uneven" / "run_id=r1" / "task_id=once"
        self.assertIn("not yet", (folder / "map_index=1" / "attempt=1.log").read_text())
        self.assertIn("this is 1", (folder / "map_index=1" / "attempt=2.log").read_text())

    def test_what_cannot_be_mapped_over_fails_and_says_why(self):
        self.engine.write_dag("wrong", """
            @task
            def number():
                return 7

            @task
            def use(x):
                return x

            use.expand(x=number())
        """)
        state, states = self.engine.complete("wrong")
        self.assertEqual((state, states), ("failed", {"number": "failed",
                                                      "use": "upstream_failed"}))
        self.assertIn("7", self.engine.log("wrong", "r1", "number"))

    # These need all results of a mapped task at once (request xcom_get_all).

    def test_the_results_of_a_mapped_task_are_summed(self):
        self.engine.write_dag("summed", """
            @task
            def numbers():
                return [1, 2, 3]

            @task
            def double(x):
                return 2 * x

            @task
            def total(values):
                return [sum(values), len(values), values[-1]]

            total(double.expand(x=numbers()))
        """)
        self.succeed("summed")
        self.assertEqual(self.engine.xcom("summed", "r1", "total"), [12, 3, 6])

    def test_a_task_is_mapped_over_a_mapped_task(self):
        self.engine.write_dag("twice", """
            @task
            def double(x):
                return 2 * x

            @task
            def total(values):
                return sorted(values)

            first = double.override(task_id="first").expand(x=[1, 2])
            total(double.override(task_id="second").expand(x=first))
        """)
        self.succeed("twice")
        self.assertEqual(self.xcoms("twice", "second"), {0: 4, 1: 8})
        self.assertEqual(self.engine.xcom("twice", "r1", "total"), [4, 8])

    def test_a_mapped_group_runs_once_for_each_item(self):
        self.engine.write_dag("grouped", """
            from airflow.decorators import task_group

            @task
            def names():
                return ["a", "b"]

            @task
            def upper(name):
                return name.upper()

            @task
            def check(name):
                if name == "B":
                    raise AirflowSkipException()
                return name + "!"

            @task_group
            def each(name):
                return check(upper(name))

            @task(trigger_rule="none_failed")
            def collect(values):
                return list(values)

            collect(each.expand(name=names()))
        """)
        self.succeed("grouped")
        self.assertEqual(self.xcoms("grouped", "each.upper"), {0: "A", 1: "B"})
        self.assertEqual(self.instances("grouped", "each.check"), {0: "success", 1: "skipped"})
        self.assertEqual(self.engine.xcom("grouped", "r1", "collect"), ["A!"])


class SensorTest(AuthoringTest):

    def prepare(self):
        self.engine.environment["AIRFLOW_CONN_FS_DEFAULT"] = "fs://"
        self.engine.set({"worker.keep_alive_seconds": 0.2})

    def test_a_sensor_pokes_until_its_condition_holds(self):
        self.engine.write_dag("poking", """
            from airflow.sensors.filesystem import FileSensor
            FileSensor(task_id="wait", filepath=SCRATCH + "/ready", poke_interval=0.05) >> (
                EmptyOperator(task_id="after"))
        """)
        self.engine.trigger("poking", "r1")
        self.engine.wait_task("poking", "r1", "wait", "running")
        (self.engine.scratch / "ready").touch()
        self.assertEqual(self.engine.wait_run("poking", "r1"), "success")
        self.assertEqual(self.engine.states("poking", "r1"),
                         {"wait": "success", "after": "success"})

    def test_a_sensor_is_rescheduled_as_the_same_try(self):
        self.engine.write_dag("rescheduled", """
            @task.sensor(poke_interval=0.2, timeout=60, mode="reschedule")
            def wait(ti):
                from airflow.sensors.base import PokeReturnValue
                import os
                return PokeReturnValue(os.path.exists(SCRATCH + "/ready"), xcom_value=ti.try_number)

            wait() >> EmptyOperator(task_id="after")
        """)
        self.engine.trigger("rescheduled", "r1")
        self.engine.wait(lambda: self.engine.value("SELECT count(*) FROM task_reschedule") >= 2,
                         "two reschedules")
        (self.engine.scratch / "ready").touch()
        self.assertEqual(self.engine.wait_run("rescheduled", "r1"), "success")
        self.assertEqual(self.engine.task("rescheduled", "r1", "wait")["try_number"], 1)
        self.assertEqual(self.engine.xcom("rescheduled", "r1", "wait"), 1)

    def test_a_sensor_gives_up_after_its_timeout(self):
        self.engine.write_dag("late", """
            from airflow.sensors.python import PythonSensor
            for mode in ("poke", "reschedule"):
                for soft in (False, True):
                    PythonSensor(task_id=f"{mode}_{soft}", python_callable=lambda: False, mode=mode,
                                 poke_interval=0.1, timeout=0.3, soft_fail=soft, retries=3)
        """)
        self.assertEqual(self.engine.complete("late"), ("failed", {
            "poke_False": "failed", "poke_True": "skipped",
            "reschedule_False": "failed", "reschedule_True": "skipped"}))
        self.assertEqual(self.engine.task("late", "r1", "poke_False")["try_number"], 1)

    def test_a_deferrable_sensor_waits_without_a_process(self):
        self.engine.write_dag("patient", """
            from airflow.sensors.filesystem import FileSensor
            FileSensor(task_id="wait", filepath=SCRATCH + "/ready", poke_interval=0.05,
                       deferrable=True) >> EmptyOperator(task_id="after")
        """)
        self.engine.trigger("patient", "r1")
        row = self.engine.wait_task("patient", "r1", "wait", "deferred")
        self.assertIsNotNone(row["trigger_id"])
        (self.engine.scratch / "ready").touch()
        self.assertEqual(self.engine.wait_run("patient", "r1"), "success")
        self.assertEqual(self.engine.task("patient", "r1", "wait")["try_number"], 1)

    def write_deferring(self):
        """An operator that defers to a trigger of its own, which waits for a file."""
        self.engine.write("plugins_of_mine/__init__.py", "")
        self.engine.write("plugins_of_mine/file_trigger.py", """
            import asyncio
            import os
            from airflow.triggers.base import BaseTrigger, TriggerEvent

            class FileTrigger(BaseTrigger):
                def __init__(self, path):
                    super().__init__()
                    self.path = path

                def serialize(self):
                    return "plugins_of_mine.file_trigger.FileTrigger", {"path": self.path}

                async def run(self):
                    while not os.path.exists(self.path):
                        await asyncio.sleep(0.02)
                    text = open(self.path).read()
                    if text == "bad":
                        raise ValueError("a bad file")
                    yield TriggerEvent({"text": text})
        """)
        self.engine.write_dag("deferring", """
            from airflow.models.baseoperator import BaseOperator
            from plugins_of_mine.file_trigger import FileTrigger

            class Wait(BaseOperator):
                def __init__(self, seconds=None, **arguments):
                    super().__init__(**arguments)
                    self.seconds = seconds

                def execute(self, context):
                    print("before")
                    self.defer(trigger=FileTrigger(f"{SCRATCH}/{self.task_id}"),
                               method_name="go_on", kwargs={"more": 1},
                               timeout=timedelta(seconds=self.seconds) if self.seconds else None)

                def go_on(self, context, event, more):
                    print("after", event["text"], more)
                    return event["text"]

            Wait(task_id="good")
            Wait(task_id="bad")
            Wait(task_id="late", seconds=0.3)
        """)

    def test_triggers_fire_fail_and_time_out(self):
        self.write_deferring()
        self.engine.trigger("deferring", "r1")
        for name in ("good", "bad"):
            self.engine.wait_task("deferring", "r1", name, "deferred")
            path = self.engine.scratch / name
            path.with_suffix(".new").write_text(name)
            path.with_suffix(".new").rename(path)
        self.assertEqual(self.engine.wait_run("deferring", "r1"), "failed")
        self.assertEqual(self.engine.states("deferring", "r1"),
                         {"good": "success", "bad": "failed", "late": "failed"})
        self.assertEqual(self.engine.xcom("deferring", "r1", "good"), "good")
        log = self.engine.log("deferring", "r1", "good")
        self.assertLess(log.index("before"), log.index("after good 1"))
        self.assertIn("a bad file", self.engine.log("deferring", "r1", "bad"))
        self.assertIn("imeout", self.engine.log("deferring", "r1", "late"))

    def test_a_deferred_task_outlives_the_server(self):
        self.write_deferring()
        self.engine.trigger("deferring", "r1")
        self.engine.wait_task("deferring", "r1", "good", "deferred")
        self.engine.kill()
        self.engine.start()
        (self.engine.scratch / "good").write_text("good")
        self.engine.wait_task("deferring", "r1", "good", "success")
        self.assertEqual(self.engine.task("deferring", "r1", "good")["try_number"], 1)

    def test_triggers_share_one_process(self):
        self.engine.write_dag("crowd", """
            from airflow.sensors.filesystem import FileSensor
            for i in range(30):
                FileSensor(task_id=f"wait_{i}", filepath=SCRATCH + "/ready", poke_interval=0.05,
                           deferrable=True)
        """)
        self.engine.trigger("crowd", "r1")
        self.engine.wait(lambda: self.engine.value(
            "SELECT count(*) FROM task_instance WHERE state = 'deferred'") == 30, "all to defer")
        # The environments in which they deferred end; the zygote and that of the triggers stay.
        wait_for(lambda: sum("zygote" in command for command in self.engine.processes().values())
                 == 2, "all but the trigger process to end", self.engine)
        (self.engine.scratch / "ready").touch()
        self.assertEqual(self.engine.wait_run("crowd", "r1"), "success")


class SetupTeardownTest(AuthoringTest):

    def test_a_teardown_runs_after_work_that_failed(self):
        self.engine.write_dag("cluster", """
            from airflow.decorators import setup, teardown

            @setup
            def create():
                return "cluster"

            @task
            def work(name):
                raise ValueError("no luck")

            @teardown
            def delete(name):
                return "deleted " + name

            name = create()
            with delete(name):
                work(name)
        """)
        self.assertEqual(self.engine.complete("cluster"), (
            "failed", {"create": "success", "work": "failed", "delete": "success"}))
        self.assertEqual(self.engine.xcom("cluster", "r1", "delete"), "deleted cluster")

    def test_a_teardown_that_fails_fails_the_run_only_if_it_says_so(self):
        for dag_id, flag, expected in (("lenient", False, "success"), ("strict", True, "failed")):
            self.engine.write_dag(dag_id, f"""
                create = BashOperator(task_id="create", bash_command="true")
                delete = BashOperator(task_id="delete", bash_command="false")
                create >> BashOperator(task_id="work", bash_command="true") >> delete.as_teardown(
                    setups=create, on_failure_fail_dagrun={flag})
            """)
            state, states = self.engine.complete(dag_id)
            self.assertEqual((state, states["delete"]), (expected, "failed"), dag_id)

    def test_clearing_work_clears_its_setup_and_teardown(self):
        self.engine.write_dag("again", """
            create = BashOperator(task_id="create", bash_command="true")
            delete = BashOperator(task_id="delete", bash_command="true")
            work = BashOperator(task_id="work", bash_command="true")
            EmptyOperator(task_id="before") >> create
            create >> work >> delete.as_teardown(setups=create)
        """)
        self.succeed("again")
        self.engine.cli("tasks", "clear", "again", "--task-regex", "^work$", "--yes")
        self.engine.wait(lambda: self.engine.task("again", "r1", "delete")["try_number"] == 2,
                         "the teardown to run again")
        self.assertEqual(self.engine.wait_run("again", "r1"), "success")
        self.assertEqual({name: self.engine.task("again", "r1", name)["try_number"]
                          for name in ("create", "work", "delete")},
                         {"create": 2, "work": 2, "delete": 2})

    def test_a_setup_that_is_skipped_or_fails_leaves_nothing_to_tear_down(self):
        for code, expected in ((99, "skipped"), (1, "upstream_failed")):
            self.engine.write_dag(f"code_{code}", f"""
                create = BashOperator(task_id="create", bash_command="exit {code}")
                delete = BashOperator(task_id="delete", bash_command="true")
                create >> BashOperator(task_id="work", bash_command="true") >> delete.as_teardown(
                    setups=create)
            """)
            states = self.engine.complete(f"code_{code}")[1]
            self.assertEqual((states["work"], states["delete"]), (expected, expected))


class CallbackTest(AuthoringTest):

    def test_callbacks_of_tasks_are_called_with_their_context(self):
        self.engine.write_dag("callbacks", """
            def note(kind):
                def write(context):
                    with open(SCRATCH + "/notes", "a") as file:
                        file.write(f"{kind} {context['ti'].task_id} {context['ti'].try_number} "
                                   f"{type(context.get('exception')).__name__}\\n")
                return write

            def fail():
                raise ValueError("always")

            def skip():
                raise AirflowSkipException()

            callbacks = {f"on_{kind}_callback": note(kind)
                         for kind in ("execute", "success", "failure", "retry", "skipped")}
            PythonOperator(task_id="good", python_callable=lambda: 1, **callbacks)
            PythonOperator(task_id="bad", python_callable=fail, retries=1,
                           retry_delay=timedelta(seconds=0.1), **callbacks)
            PythonOperator(task_id="skip", python_callable=skip, **callbacks)
        """)
        self.assertEqual(self.engine.complete("callbacks")[0], "failed")
        self.assertEqual(self.written("notes"), sorted([
            "execute good 1 NoneType", "success good 1 NoneType",
            "execute bad 1 NoneType", "retry bad 1 ValueError",
            "execute bad 2 NoneType", "failure bad 2 ValueError",
            "execute skip 1 NoneType", "skipped skip 1 NoneType"]))

    def test_a_callback_that_fails_changes_nothing(self):
        self.engine.write_dag("clumsy", """
            def broken(context):
                raise RuntimeError("the callback is broken")

            PythonOperator(task_id="t", python_callable=lambda: 5, on_success_callback=broken)
        """)
        self.succeed("clumsy")
        self.assertIn("the callback is broken", self.engine.log("clumsy", "r1", "t"))

    # Callbacks of whole DAGs (frame dag_callback).

    def test_what_a_callback_of_the_dag_prints_is_in_the_log_of_the_server(self):
        self.engine.write_dag("loud", """
            EmptyOperator(task_id="t")
            dag.on_success_callback = lambda context: print("all is", context["dag_run"].state)
        """)
        self.succeed("loud")
        self.engine.wait_server_log("DAG loud, run r1: its callback printed:\nall is success")

    def test_callbacks_of_the_dag_are_called_at_the_end_of_the_run(self):
        for dag_id, command, kind in (("fine", "true", "success"), ("poor", "false", "failure")):
            self.engine.write(f"{dag_id}.py", f"""
                import pendulum
                from airflow import DAG
                from airflow.operators.bash import BashOperator

                def note(kind):
                    def write(context):
                        with open("{self.engine.scratch}/{dag_id}", "a") as file:
                            file.write(f"{{kind}} {{context['run_id']}} {{context['reason']}}\\n")
                    return write

                with DAG("{dag_id}", schedule=None, start_date=pendulum.datetime(2021, 1, 1),
                         on_success_callback=note("success"), on_failure_callback=note("failure")):
                    BashOperator(task_id="t", bash_command="{command}")
            """)
            self.engine.complete(dag_id)
            wait_for(lambda name=dag_id: self.written(name), "the callback", self.engine)
            lines = self.written(dag_id)
            self.assertEqual(len(lines), 1, lines)
            self.assertTrue(lines[0].startswith(f"{kind} r1 "), lines)


class ImportIsolationTest(AuthoringTest):

    SETTINGS = {"core.dagbag_import_timeout": IMPORT_TIMEOUT_SECONDS,
                "core.dag_discovery_safe_mode": "False"}

    def import_beside(self, name, source):
        """Writes a file whose import misbehaves, and, while that goes on, a good one, which has to
        be imported before the other one's time is up. Returns the import error."""
        begun = self.engine.scratch / f"{name}.begun"
        head = f"open({str(begun)!r}, 'w').close()\n"
        path = self.engine.write(f"{name}.py", head + textwrap.dedent(source).lstrip("\n"))
        wait_for(begun.exists, f"{name} to be imported", self.engine)
        self.engine.write_dag(f"beside_{name}", 'BashOperator(task_id="t", bash_command="true")')
        self.engine.wait(
            lambda: self.engine.value("SELECT 1 FROM dag WHERE dag_id = ? AND is_active",
                                      f"beside_{name}"),
            "the good file to be imported at once", IMPORT_TIMEOUT_SECONDS / 2)
        self.engine.wait(lambda: self.error_of(path), f"the import error of {name}",
                         IMPORT_TIMEOUT_SECONDS + 10)
        self.assertEqual(self.engine.complete(f"beside_{name}")[0], "success")
        self.assertEqual(self.engine.value("SELECT count(*) FROM import_error"), 1)
        return self.error_of(path)

    def error_of(self, path):
        return self.engine.value("SELECT stacktrace FROM import_error WHERE filename = ?",
                                 str(path))

    def test_an_endless_loop(self):
        error = self.import_beside("endless", """
            while True:
                pass
        """)
        self.assertIn("longer than", error)

    def test_an_endless_loop_that_catches_everything(self):
        self.import_beside("stubborn", """
            import time
            while True:
                try:
                    time.sleep(3600)
                except BaseException:
                    pass
        """)

    def test_an_end_of_the_program(self):
        self.assertIn("SystemExit", self.import_beside("exits", "import sys\nsys.exit(3)\n"))

    def test_a_crash(self):
        self.import_beside("crashes", """
            import os
            import signal
            os.kill(os.getpid(), signal.SIGSEGV)
        """)

    def test_too_much_memory(self):
        error = self.import_beside("greedy", """
            taken = []
            for _ in range(160):
                taken.append(bytes(64 * 1024 * 1024))  # Zeros that no page stands for yet.
        """)
        self.assertIn("MemoryError", error)

    def test_processes_that_multiply(self):
        self.import_beside("multiplies", f"""
            import os
            import time

            def multiply(depth):
                for _ in range(3 if depth else 0):
                    if os.fork() == 0:
                        open(f"{self.engine.scratch}/pid_{{os.getpid()}}", "w").close()
                        multiply(depth - 1)
                        break
                time.sleep(3600)

            multiply(3)
        """)
        pids = [int(path.name[4:]) for path in Path(self.engine.scratch).glob("pid_*")]
        self.assertGreater(len(pids), 10)
        wait_for(lambda: not any(is_alive(pid) for pid in pids), "all of them to end", self.engine)

    def test_a_file_that_prints_is_imported_all_the_same(self):
        self.engine.write("prints.py", """
            import os
            import sys
            import pendulum
            from airflow import DAG
            from airflow.operators.bash import BashOperator

            print("to standard output " * 1000)
            sys.stderr.write("to standard error\\n")
            os.write(1, b"\\x00\\x01 below Python\\n")
            with DAG("prints", schedule=None, start_date=pendulum.datetime(2021, 1, 1)):
                BashOperator(task_id="t", bash_command="true")
            print("{}")
        """)
        self.succeed("prints")
        self.assertEqual(self.engine.rows("SELECT * FROM import_error"), [])

    def test_what_one_file_changes_another_does_not_see(self):
        self.engine.write("changes.py", """
            import builtins
            import json
            import os
            import sys
            import airflow
            import pendulum
            builtins.len = None
            json.dumps = None
            airflow.DAG = None
            os.environ["LEFT_BEHIND"] = "1"
            os.chdir("/")
            sys.path.clear()
        """)
        self.engine.write_dag("clean", """
            import os
            assert len("ab") == 2 and "LEFT_BEHIND" not in os.environ
            BashOperator(task_id="t", bash_command="true")
        """)
        self.succeed("clean")


if __name__ == "__main__":
    unittest.main()
