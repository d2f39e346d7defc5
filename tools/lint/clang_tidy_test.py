import json
import tempfile
import unittest
from pathlib import Path

import clang_tidy


class ClangTidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.src = Path(folder.name, "src")
        (self.src / "base").mkdir(parents=True)
        self.write("a.cc", '#include "base/a.h"\n#include <vector>\n')
        self.write("a.h", '#include "base/b.h"\n')
        self.write("b.h", '#include "base/a.h"\n')
        self.write("unrelated.h", "")

    def write(self, name, text):
        (self.src / "base" / name).write_text(text)

    def digest(self, *extra):
        return clang_tidy.Hasher(self.src).digest(self.src / "base/a.cc", *extra)

    def test_the_digest_covers_headers_below_and_nothing_else(self):
        before = self.digest("flags")
        self.assertNotEqual(before, self.digest("other flags"))
        self.write("unrelated.h", "int x;")
        self.assertEqual(before, self.digest("flags"))
        self.write("b.h", '#include "base/a.h"\nint x;')
        self.assertNotEqual(before, self.digest("flags"))

    def test_tests_and_generated_sources_are_left_out(self):
        files = ["src/base/a.cc", "src/base/a_test.cc", "build/header_check/a.cc"]
        root = self.src.parent
        entries = [{"file": str(root / file), "command": "g++"} for file in files]
        (root / "compile_commands.json").write_text(json.dumps(entries))
        self.assertEqual(clang_tidy.compile_commands(root, self.src),
                         {self.src / "base/a.cc": "g++"})

    def test_a_command_is_the_same_in_every_clone(self):
        self.assertEqual(clang_tidy.without_root("g++ -I/a/one/src -c /a/one/src/x.cc", "/a/one"),
                         clang_tidy.without_root("g++ -I/b/src -c /b/src/x.cc", Path("/b")))


if __name__ == "__main__":
    unittest.main()
