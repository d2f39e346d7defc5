"""Runs the unittest tests of one folder and writes their results as JUnit XML.

unittest prints results for people only; the XML lets tools/run_tests.py count single tests.
"""

import argparse
import sys
import unittest
from pathlib import Path
from xml.etree import ElementTree


class RecordingResult(unittest.TextTestResult):
    """Prints as usual and keeps one <testcase> element for every test."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = {}

    def startTest(self, test):
        super().startTest(test)
        self._record(test)

    def addError(self, test, err):
        super().addError(test, err)
        self._record(test, "error")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._record(test, "failure")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._record(test, "skipped")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._record(test, "failure")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._record(test, "failure")

    def _record(self, test, outcome=None):
        case = self.cases.setdefault(test.id(), ElementTree.Element("testcase", name=test.id()))
        if outcome and case.find(outcome) is None:
            ElementTree.SubElement(case, outcome)


def write_xml(result, path):
    """Writes the recorded test cases as one JUnit test suite."""
    suite = ElementTree.Element("testsuite", tests=str(len(result.cases)))
    suite.extend(result.cases.values())
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pattern", default="test*.py", help="names of the test files")
    parser.add_argument("--output", type=Path, required=True, help="the XML file to write")
    args = parser.parse_args()

    tests = unittest.defaultTestLoader.discover(str(args.folder), pattern=args.pattern)
    runner = unittest.TextTestRunner(verbosity=1, resultclass=RecordingResult)
    result = runner.run(tests)
    write_xml(result, args.output)
    if not result.cases:
        print(f"{args.folder}: no test found in files named {args.pattern}", file=sys.stderr)
    return 0 if result.wasSuccessful() and result.cases else 1


if __name__ == "__main__":
    sys.exit(main())
