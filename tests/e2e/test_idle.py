"""While there is nothing to do, nothing runs: no wake-up, no processor time, and no worker after
its keep-alive time."""

import unittest
from pathlib import Path

from engine import EngineTest, wait_for

# How long the idle server is watched. A wait for nothing to happen has to take some time.
WATCH_SECONDS = 3


def wake_ups(pid):
    """How often the threads of a process have gone back to sleep."""
    return {task.name: int(line.split()[1])
            for task in Path(f"/proc/{pid}/task").iterdir()
            for line in (task / "status").read_text(encoding="utf-8").splitlines()
            if line.startswith("voluntary_ctxt_switches")}


def processor_ticks(pid):
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


class IdleTest(EngineTest):
    SETTINGS = {"worker.keep_alive_seconds": "0.5"}

    def stays_asleep(self):
        """Not a wait for an event but for none: the only way is to let time pass."""
        pid = self.engine.server.pid
        before = wake_ups(pid), processor_ticks(pid)
        try:
            wait_for(lambda: wake_ups(pid) != before[0], "a wake-up", seconds=WATCH_SECONDS)
        except AssertionError:
            return processor_ticks(pid) == before[1]
        return False

    def test_after_its_work_the_worker_ends_and_the_server_sleeps(self):
        self.engine.start()
        self.engine.write_dag("work", """
            PythonOperator(task_id="python", python_callable=print) >> BashOperator(
                task_id="bash", bash_command="echo {{ ds }}")
        """, schedule="@daily")
        self.assertEqual(self.engine.complete("work")[0], "success")
        # The environments go first, then the zygote, then the worker.
        wait_for(lambda: list(self.engine.processes()) == [self.engine.server.pid],
                 "the worker to end", self.engine)
        # Once more where it was woken: the news of the worker's end may come after it is gone.
        self.assertTrue(self.stays_asleep() or self.stays_asleep())
        # And it is there at once when there is work again.
        self.assertEqual(self.engine.complete("work", "r2")[0], "success")

    def test_a_killed_server_does_not_keep_an_idle_worker(self):
        self.engine.start()
        self.engine.write_dag("work", "BashOperator(task_id='t', bash_command='true')")
        self.assertEqual(self.engine.complete("work")[0], "success")
        self.engine.kill()
        wait_for(lambda: not self.engine.processes(), "the worker to end", self.engine)


if __name__ == "__main__":
    unittest.main()
