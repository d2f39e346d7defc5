"""Checks the whole tree against the rules that need no compiler; one line for each finding.

Layering (include_table), bans (banned_calls), sizes, wording, names of types (type_names).
"""

import sys

import banned_calls
import include_table
import sizes
import source_tree
import type_names
import wording


def check_tree(sources):
    """Returns all findings, in order of path and line."""
    checks = [include_table.load().check, banned_calls.load().check, sizes.check, wording.check]
    findings = {f for source in sources for check in checks for f in check(source)}
    return sorted(findings | set(type_names.check_all(sources)))


def main():
    sources = source_tree.read_tree()
    findings = check_tree(sources)
    for finding in findings:
        print(finding)
    print(f"lint: {len(sources)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
