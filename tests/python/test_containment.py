"""Files that do harm when they are imported: what the worker hears, and that nothing is left."""

from __future__ import annotations

import os
import textwrap
import unittest
from pathlib import Path

from harness import ZygoteTest, wait_until_gone


class ContainmentTest(ZygoteTest):
    """Each imports one file in a contained environment."""

    def parse_contained(self, source: str):
        """Return the environment's answer; its end is awaited."""
        environment = self.fork(memory_mb=512, contain=True)
        environment.peer.send({"op": "parse", "file": self.write_dag_file(source), "timeout": 20})
        answer = environment.peer.expect_any()
        environment.peer.close()
        self.expect_exited(environment)
        return answer

    def write_dag_file(self, source: str) -> str:
        """Write a file that has the words of a DAG file, without which it is not imported."""
        return self.write(textwrap.dedent(source) + "\n# DAG of airflow\n")

    def expect_lost(self, source: str) -> dict:
        """Return what the zygote reports of an environment that ends without an answer."""
        environment = self.fork(memory_mb=512, contain=True)
        environment.peer.send({"op": "parse", "file": self.write_dag_file(source), "timeout": 20})
        self.assertIsNone(environment.peer.receive())
        return self.expect_exited(environment)

    def expect_exit(self, source: str, code: int) -> None:
        exited = self.expect_lost(source)
        self.assertEqual(os.waitstatus_to_exitcode(exited["status"]), code)
        self.assertNotIn("reason", exited)

    def pids_in(self, name: str) -> list[int]:
        return [int(line) for line in Path(self.folder, name).read_text().split()]

    def test_a_good_file_is_parsed(self) -> None:
        answer = self.parse_contained("from airflow import DAG\ndag = DAG('d', schedule=None)\n")
        self.assertEqual((answer["op"], answer["error"]), ("parsed", None))
        self.assertEqual([dag["dag_id"] for dag in answer["dags"]], ["d"])

    def test_hard_exit(self) -> None:
        self.expect_exit("import os\nos._exit(7)\n", 7)

    def test_segmentation_fault(self) -> None:
        self.expect_exit("import ctypes\nctypes.string_at(0)\n", -11)

    def test_kill_of_its_own_group(self) -> None:
        self.expect_exit("import os\nos.kill(0, 9)\n", -9)

    def test_closing_every_descriptor(self) -> None:
        self.expect_exit("import os\nos.closerange(0, 1000)\n", 1)

    def test_memory(self) -> None:
        answer = self.parse_contained("x = bytearray(10 << 30)\n")
        self.assertIn("MemoryError", answer["error"]["message"])

    def test_output_without_end_goes_nowhere(self) -> None:
        answer = self.parse_contained("for _ in range(100_000):\n    print('x' * 1000)\n")
        self.assertIsNone(answer["error"])

    def test_fork_bomb(self) -> None:
        exited = self.expect_lost("import os\nwhile True:\n    os.fork()\n")
        self.assertEqual(exited["reason"], "it started more than 256 processes")

    def test_fork_bomb_of_sessions(self) -> None:
        """Processes that make themselves independent are found all the same."""
        source = """
            import os, time
            for _ in range(300):
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        time.sleep(1000)
                    os._exit(0)
            time.sleep(1000)
        """
        exited = self.expect_lost(source)
        self.assertEqual(exited["reason"], "it started more than 256 processes")

    def test_a_child_that_goes_on_with_the_file_is_not_heard(self) -> None:
        source = """
            import os
            from airflow import DAG
            if os.fork() == 0:
                pass
            else:
                os.wait()
            dag = DAG(f"d{os.getpid()}", schedule=None)
        """
        environment = self.fork(contain=True)
        environment.peer.send({"op": "parse", "file": self.write_dag_file(source), "timeout": 20})
        dags = environment.peer.expect("parsed")["dags"]
        self.assertEqual([dag["dag_id"] for dag in dags], [f"d{environment.pid}"])
        self.assertIsNone(environment.peer.receive())

    def test_a_daemon_does_not_outlive_the_import(self) -> None:
        source = """
            import os, time
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    with open(os.path.dirname(__file__) + "/pids", "w") as file:
                        print(os.getpid(), file=file)
                    time.sleep(1000)
                os._exit(0)
            while not os.path.exists(os.path.dirname(__file__) + "/pids"):
                time.sleep(0.01)
            os._exit(0)
        """
        self.expect_exit(source, 0)
        for pid in self.pids_in("pids"):
            wait_until_gone(pid)


if __name__ == "__main__":
    unittest.main()
