"""The example DAGs: they parse without a warning, and the generated ones are up to date."""

from __future__ import annotations

import subprocess
import sys
import unittest
from pathlib import Path

from harness import REPOSITORY

from beeflow_worker.environment import parse

DAGS = REPOSITORY / "examples" / "dags"


def parse_example(path: Path) -> dict:
    return parse(str(path), 30)


class ExamplesTest(unittest.TestCase):
    def test_all_parse_and_warn_of_schedule_interval_at_most(self) -> None:
        dag_ids = []
        for path in sorted(DAGS.rglob("*.py")):
            with self.subTest(path.name):
                result = parse_example(path)
                self.assertIsNone(result["error"])
                for warning in result["warnings"]:
                    self.assertIn("schedule_interval", warning)
                dag_ids += [dag["dag_id"] for dag in result["dags"]]
        self.assertEqual(len(dag_ids), len(set(dag_ids)))

    def test_generated_files_are_up_to_date(self) -> None:
        generator = REPOSITORY / "tools" / "generate_examples.py"
        done = subprocess.run(
            [sys.executable, generator, "--check"], capture_output=True, text=True
        )
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_parallel_dags_have_the_tasks_that_their_names_tell(self) -> None:
        for path in (DAGS / "parallel").glob("*.py"):
            (dag,) = parse_example(path)["dags"]
            size = int(path.stem.split("_")[1].rstrip("t"))
            self.assertEqual(len(dag["tasks"]), size + 1)
            self.assertEqual(len(dag["tasks"][0]["downstream"]), size)
            self.assertGreaterEqual(dag["max_active_tasks"], size)

    def test_alibaba_job_starts_76_tasks_at_once(self) -> None:
        (dag,) = parse_example(DAGS / "alibaba" / "alibaba_j_3302772.py")["dags"]
        followers = {task_id for task in dag["tasks"] for task_id in task.get("downstream", [])}
        self.assertEqual(len(dag["tasks"]) - len(followers), 76)


if __name__ == "__main__":
    unittest.main()
