"""Experiments of `beeflow lab run` in tests: files, the command, and what it leaves."""

import csv
import json
import os
import signal
import subprocess
from pathlib import Path

from engine import DEADLINE_SECONDS, Engine, wait_for


class Lab:
    """A folder with DAG files and experiments; the homes of its engines are below `temporary`."""

    def __init__(self):
        self.engine = Engine()
        self.root = self.engine.root
        self.temporary = self.root / "temporary"
        self.temporary.mkdir()
        self.out = self.root / "out"
        self.engine.environment["TMPDIR"] = str(self.temporary)

    def close(self):
        """Ends what a failed test has left, by pid, and removes the folder."""
        for pid in self.orphans():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.engine.close()

    def orphans(self):
        """Processes that work for a home of the lab: {pid: command line}."""
        mark = f"BEEFLOW_HOME={self.temporary}/".encode()
        found = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                words = (folder / "environ").read_bytes().split(b"\0")
                if any(word.startswith(mark) for word in words):
                    command = (folder / "cmdline").read_bytes().split(b"\0")
                    found[int(folder.name)] = b" ".join(command).decode(errors="replace")
            except OSError:
                continue  # it ended
        return found

    def write_dag(self, dag_id, body, **arguments):
        """A DAG file; see Engine.write_dag."""
        return self.engine.write_dag(dag_id, body, **arguments)

    def experiment(self, name, dag_ids, **members):
        """The definition of an experiment on DAG files of this lab."""
        return {"experiment_id": name, "dags_local_path": str(self.engine.dags),
                "dag_ids": dag_ids, **members}

    def write(self, experiments, controllers=None, name="lab.json"):
        """Writes an experiment file and returns its path."""
        path = self.root / name
        controllers = controllers or [controller("serverless")]
        path.write_text(json.dumps({"controllers": controllers, "experiments": experiments},
                                   indent=1), encoding="utf-8")
        return path

    def run(self, path, *options, timeout=DEADLINE_SECONDS):
        """`lab run`, whatever comes of it."""
        return self.engine.run("lab", "run", str(path), "--out", str(self.out), *options,
                               timeout=timeout)

    def start(self, path, *options):
        """The same in the background."""
        return self.engine.popen("lab", "run", str(path), "--out", str(self.out), *options,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def table(self, system, table):
        """The rows of an exported table, as dictionaries."""
        file, = (self.out / system / "export" / table).glob("dt=*/*.csv")
        with open(file, newline="", encoding="utf-8") as text:
            return list(csv.DictReader(text))

    def record(self, system):
        """The record of a trial."""
        return json.loads((self.out / system / "experiment.json").read_text(encoding="utf-8"))

    def home(self):
        """The home of the engine that runs now."""
        return wait_for(lambda: next(self.temporary.glob("beeflow-lab-*"), None),
                        "an engine of the lab")

    def assert_clean(self, test):
        """Nothing is left of what ran: no process, no folder."""
        wait_for(lambda: not self.orphans(), f"{self.orphans()} to end")
        test.assertEqual(list(self.temporary.iterdir()), [])


def controller(kind, name=None, **specific):
    """The definition of a controller."""
    return {"controller_type": kind, "core": {"controller_id": name or kind},
            "type_specific": specific}
