"""Many attempts at once: no task ever opens a database connection, so that a thousand hold as many
as one."""

import os
import unittest

from engine import EngineTest

ATTEMPTS = 1000


class LoadTest(EngineTest):

    SETTINGS = {
        "core.parallelism": 2 * ATTEMPTS,
        "core.default_pool_task_slot_count": 2 * ATTEMPTS,
        "core.max_active_tasks_per_dag": 2 * ATTEMPTS,
        "worker.max_concurrency": 2 * ATTEMPTS,
    }

    def database_descriptors(self):
        """How often each process of the engine has the database open: {command: [counts]}."""
        found = {}
        for pid, command in self.engine.processes().items():
            try:
                folder = f"/proc/{pid}/fd"
                names = [os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)]
            except OSError:
                continue  # it has just ended
            count = names.count(str(self.engine.database))
            if count:
                found.setdefault(command, []).append(count)
        return found

    def running(self, dag_id):
        return self.engine.value("SELECT count(*) FROM task_instance WHERE dag_id = ? AND "
                                 "state = 'running'", dag_id)

    def test_a_thousand_running_attempts_hold_the_connections_of_one(self):
        gate = self.engine.gate("go")
        for dag_id, width in (("one", 1), ("many", ATTEMPTS)):
            self.engine.write_dag(dag_id, f"""
                BashOperator.partial(task_id="waits").expand(bash_command=[{gate!r}] * {width})
            """)
        self.engine.set({"core.max_map_length": ATTEMPTS})
        self.engine.start()
        connections = {}
        for dag_id, width in (("one", 1), ("many", ATTEMPTS)):
            self.engine.trigger(dag_id, "r1")
            self.engine.wait(lambda dag_id=dag_id, width=width: self.running(dag_id) == width,
                             f"{width} attempts of {dag_id} to run")
            connections[dag_id] = self.database_descriptors()
        self.assertEqual(connections["one"], connections["many"])
        self.assertEqual(len(connections["one"]), 1, "only the server has the database open")
        self.engine.open_gate("go")
        for dag_id in ("one", "many"):
            self.assertEqual(self.engine.wait_run(dag_id, "r1"), "success")


if __name__ == "__main__":
    unittest.main()
