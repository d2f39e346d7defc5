import tempfile
import unittest
from pathlib import Path

import lint
import source_tree
from source_tree import Source


class SourceTreeTest(unittest.TestCase):
    def test_reads_text_files_and_skips_what_is_built(self):
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            for path in ("src/a/b.cc", "build/c.cc", "web/node_modules/d.js", "tools/run", "e.png",
                         ".mypy_cache/f.json", ".ci/run"):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text("x\n")
            (root / "core").write_bytes(b"\xff\xfe")
            (root / "gone").symlink_to("nowhere")
            self.assertEqual([s.path for s in source_tree.read_tree(root)],
                             [".ci/run", "src/a/b.cc", "tools/run"])

    def test_modules_and_tests(self):
        self.assertEqual(Source("src/store/sqlite/a_test.cc", "").module, "store")
        self.assertTrue(Source("src/store/sqlite/a_test.cc", "").is_test)
        self.assertTrue(Source("src/timetable/oracle/cron_oracle.cc", "").is_test)
        self.assertFalse(Source("src/store/latest.cc", "").is_test)
        self.assertIsNone(Source("src/a.cc", "").module)

    def test_findings_of_all_checks_come_in_order(self):
        text = '#include "os/clock.h"\nint r = rand();\n// FIXME' + "x" * 100 + " FIXME\n"
        found = lint.check_tree([Source("src/dag/utils.cc", text)])
        self.assertEqual([f.line for f in found], [1, 1, 2, 3, 3])
        self.assertTrue(str(found[2]).startswith("src/dag/utils.cc:2: `rand(`"))


if __name__ == "__main__":
    unittest.main()
