"""DAG files that do harm when they are imported: each gets its error, and no other file waits."""

import unittest

from engine import EngineTest

# name: (source, what its import error says)
HARMFUL = {
    "endless": ("while True: pass\n", "took longer than"),
    "endless_catch": ("""
        while True:
            try:
                while True: pass
            except BaseException: pass
     """, "took longer than"),
    "exits": ("import sys; sys.exit(0)\n", "calls sys.exit(0)"),
    "exits_hard": ("import os; os._exit(0)\n", "its process ended with exit code 0"),
    "eats": ("x = [bytearray(1 << 30) for _ in range(10)]\n", "MemoryError"),
    "bomb": ("import os\nwhile True: os.fork()\n", "it started more than 256 processes"),
    "prints": ("while True: print('x' * 1000)\n", "took longer than"),
    "segfaults": ("import ctypes; ctypes.string_at(0)\n", "signal 11 (Segmentation fault)"),
    "deadlocks": ("""
        import threading
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()
     """, "took longer than"),
    "stops": ("import os, signal; os.kill(0, signal.SIGSTOP)\n", "took longer than"),
    "closes": ("import os; os.closerange(0, 1000)\n", "its process ended with"),
    "ignores_signals": ("""
        import signal
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        while True: signal.pause()
     """, "took longer than"),
    "daemon": ("""
        import os, time
        if os.fork(): os._exit(0)
        os.setsid()
        if os.fork(): os._exit(0)
        time.sleep(1000)
     """, "its process ended with exit code 0"),
}
GOOD = "BashOperator(task_id='t', bash_command='true')"


class HarmfulFilesTest(EngineTest):

    SETTINGS = {"core.dag_discovery_safe_mode": "False"}  # most of these name no DAG

    def errors(self):
        return {row["filename"]: row["stacktrace"]
                for row in self.engine.rows("SELECT filename, stacktrace FROM import_error")}

    def test_each_gets_its_error_and_the_good_file_runs(self):
        self.engine.set({"core.dagbag_import_timeout": 20})
        paths = {name: str(self.engine.write(f"{name}.py", source))
                 for name, (source, _) in HARMFUL.items()}
        self.engine.write_dag("good", GOOD)
        self.engine.start()
        self.engine.wait_dag("good")
        self.assertEqual(self.engine.complete("good")[0], "success")
        self.engine.wait(lambda: set(self.errors()) == set(paths.values()), "all errors")
        for name, (_, text) in HARMFUL.items():
            with self.subTest(name):
                self.assertIn(text, self.errors()[paths[name]])

    def test_no_number_of_endless_imports_keeps_a_file_from_being_imported(self):
        """They filled the places for imports until their time limit."""
        self.engine.set({"core.dagbag_import_timeout": 1000})
        for i in range(12):
            self.engine.write(f"endless_{i}.py", "import time\nwhile True: time.sleep(1000)\n")
        self.engine.start()
        self.engine.write_dag("good", GOOD)
        self.engine.wait_dag("good")
        self.assertEqual(self.engine.complete("good")[0], "success")
        self.assertEqual(self.errors(), {})


if __name__ == "__main__":
    unittest.main()
