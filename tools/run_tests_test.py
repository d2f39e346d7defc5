import tempfile
import unittest
from pathlib import Path

import run_tests

CTEST = """<testsuite>
  <testcase name="good" status="run"/>
  <testcase name="bad" status="fail"/>
  <testcase name="crashed" status="fail"/>
  <testcase name="leaked" status="fail"/>
  <testcase name="plain" status="run"/>
  <testcase name="off" status="disabled"/>
  <testcase name="asked" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
  <testcase name="gone" status="notrun"><skipped message="Unable to find executable"/></testcase>
</testsuite>"""
# As GoogleTest writes it: three cases, of which one is skipped and one disabled.
GOOD = """<testsuites><testsuite>
  <testcase name="a" status="run" result="completed"/>
  <testcase name="b" status="run" result="skipped"><skipped message=""/></testcase>
  <testcase name="DISABLED_c" status="notrun" result="suppressed"/>
</testsuite></testsuites>"""
BAD = """<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase>
  <testcase name="c"><error/></testcase></testsuite>"""


class CountTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.results = Path(folder.name)
        for name, text in {"ctest": CTEST, "good": GOOD, "bad": BAD, "leaked": GOOD,
                           "crashed": "<testsuites><testsu"}.items():
            (self.results / f"{name}.xml").write_text(text)

    def test_cases_of_a_program(self):
        self.assertEqual(run_tests.count_cases(self.results / "good.xml"), (1, 0))
        self.assertEqual(run_tests.count_cases(self.results / "bad.xml"), (1, 2))
        self.assertIsNone(run_tests.count_cases(self.results / "crashed.xml"))
        self.assertIsNone(run_tests.count_cases(self.results / "absent.xml"))

    def test_programs_without_cases_and_failures_outside_of_cases(self):
        # good 1/0, bad 1/2, crashed 0/1, leaked 1/1, plain 1/0, gone 0/1
        self.assertEqual(run_tests.count_all(self.results / "ctest.xml", self.results), (4, 5))


if __name__ == "__main__":
    unittest.main()
