"""What an attempt takes of an environment is told apart from what earlier ones took."""

from __future__ import annotations

import os
import subprocess
import unittest

import harness  # noqa: F401 - makes the package importable

from beeflow_worker.usage import UsageMeter

_MIB = 1024 * 1024


class UsageMeterTest(unittest.TestCase):
    def test_the_peak_of_the_memory_starts_anew(self) -> None:
        meter = UsageMeter()
        large = b"x" * (200 * _MIB)
        self.assertEqual(len(large), 200 * _MIB)
        del large
        first = meter.read()["memory_bytes"]
        self.assertGreater(first, 200 * _MIB)
        if not os.access("/proc/self/clear_refs", os.W_OK):
            self.skipTest("this kernel does not reset the peak of a process")
        self.assertLess(UsageMeter().read()["memory_bytes"], first - 100 * _MIB)

    def test_children_that_were_waited_for_count(self) -> None:
        meter = UsageMeter()
        subprocess.run(["bash", "-c", "for ((i = 0; i < 30000; ++i)); do :; done"], check=True)
        self.assertGreater(meter.read()["cpu_seconds"], 0)


if __name__ == "__main__":
    unittest.main()
