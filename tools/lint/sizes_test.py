import unittest

import sizes
from source_tree import Source


def messages(path, text):
    return [f"{finding.line}: {finding.message}" for finding in sizes.check(Source(path, text))]


class SizesTest(unittest.TestCase):
    def test_long_lines_unless_an_address(self):
        text = "x" * 100 + "\n" + "x" * 101 + "\n# https://" + "x" * 100 + "\n"
        self.assertEqual(messages("a.cmake", text), ["2: 101 columns, at most 100"])
        self.assertEqual(messages("a.md", text), [])

    def test_long_files(self):
        self.assertEqual(messages("a.cc", "\n" * 800), [])
        self.assertEqual(len(messages("a.cc", "\n" * 801)), 1)

    def test_long_functions_in_both_languages(self):
        body = "  x();\n" * 68
        self.assertEqual(messages("a.cc", "void F() {\n" + body + "}\n"), [])
        self.assertIn("1: F has 71 lines", messages("a.cc", f"void F() {{\n{body}  y();\n}}\n")[0])
        self.assertIn("1: f has 71 lines", messages("a.py", f"def f():\n{body}  y()\n  z()\n")[0])

    def test_scripts_are_known_by_their_first_line(self):
        self.assertEqual(len(messages("tools/run", "#!/bin/sh\n" + "x" * 101)), 1)
        self.assertEqual(messages("notes", "x" * 101), [])


if __name__ == "__main__":
    unittest.main()
