"""Runs ctest in a build folder and counts single tests, not just test programs.

A program that leaves JUnit XML in <build>/test-results/<ctest name>.xml counts with its test cases;
any other counts as one. The last line says how many passed and failed; the file `total` in the
results folder holds the two numbers.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

TIMEOUT_SECONDS = 1200
# A data race, a leak or undefined behaviour ends the program with an error; the stack says where.
SANITIZER_OPTIONS = {
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1",
}


def count_cases(path):
    """Returns (passed, failed) of one JUnit file, or None where it is absent or cut short."""
    try:
        cases = list(ElementTree.parse(path).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return None
    failed = sum(1 for c in cases if c.find("failure") is not None or c.find("error") is not None)
    skipped = sum(1 for c in cases if is_skipped(c))
    return len(cases) - failed - skipped, failed


def is_skipped(case):
    """GoogleTest writes result="skipped" or status="notrun", unittest and ctest a child element."""
    return (case.find("skipped") is not None or case.get("result") == "skipped"
            or case.get("status") in ("notrun", "disabled"))


def says_skip(program):
    """True where the program itself asked to be skipped; one that is missing failed."""
    skipped = program.find("skipped")
    return skipped is not None and skipped.get("message", "").startswith("SKIP_")


def count_all(ctest_xml, results):
    """Returns (passed, failed) over all test programs that ctest ran."""
    passed = failed = 0
    for program in ElementTree.parse(ctest_xml).iter("testcase"):
        if program.get("status") == "disabled" or says_skip(program):
            continue
        program_failed = program.get("status") != "run"
        cases = count_cases(results / f"{program.get('name')}.xml")
        good, bad = cases or (0 if program_failed else 1, 0)
        # A crash, a leak at exit or a time-out fails the program without failing a test case.
        passed += good
        failed += max(bad, 1) if program_failed else bad
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0],
                                     epilog="Further options go to ctest: -L unit, -R name ...")
    parser.add_argument("build", type=Path, help="the build folder")
    args, ctest_options = parser.parse_known_args()

    results = (args.build / "test-results").resolve()
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    ctest_xml = results / "ctest.xml"
    status = subprocess.run(
        ["ctest", "--test-dir", str(args.build), "--output-on-failure", "--no-tests=error",
         "--timeout", str(TIMEOUT_SECONDS), "--parallel", str(os.cpu_count() or 1),
         "--output-junit", str(ctest_xml), *ctest_options],
        env={**SANITIZER_OPTIONS, **os.environ}, check=False).returncode
    if not ctest_xml.exists():
        return status or 1
    passed, failed = count_all(ctest_xml, results)
    (results / "total").write_text(f"{passed} {failed}\n", encoding="utf-8")
    print(f"{passed} passed, {failed} failed")
    return 1 if status or failed else 0


if __name__ == "__main__":
    sys.exit(main())
