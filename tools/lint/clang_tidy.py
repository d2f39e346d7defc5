"""Runs clang-tidy over src/ with one process for each core, and only where something changed.

What was found clean is remembered in $XDG_CACHE_HOME/beeflow/clang-tidy (~/.cache), as ccache does
with what it has compiled, for all clones of a user: under a hash of everything that the result
depends on, which is the source, the project headers that it includes, the compile command, the
configuration and the version of clang-tidy.
"""

import argparse
import concurrent.futures
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import source_tree

_INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
# GCC's flags that clang does not know are no finding.
_OPTIONS = ["--quiet", "--extra-arg=-Wno-unknown-warning-option"]


class Hasher:
    """Hashes a source together with the project headers below it; every file is read once."""

    def __init__(self, src):
        self._src = src
        self._read = {}  # path -> (digest of the text, paths of the headers)

    def digest(self, path, *extra):
        digests = sorted(self._file(p)[0] for p in self._reach(path))
        return hashlib.sha256("\n".join([*extra, *digests]).encode()).hexdigest()

    def _reach(self, path):
        reached, waiting = set(), [path]
        while waiting:
            current = waiting.pop()
            if current not in reached:
                reached.add(current)
                waiting.extend(self._file(current)[1])
        return reached

    def _file(self, path):
        if path not in self._read:
            data = path.read_bytes()
            named = [self._src / name.decode() for name in _INCLUDE.findall(data)]
            headers = [header for header in named if header.is_file()]
            self._read[path] = (hashlib.sha256(data).hexdigest(), headers)
        return self._read[path]


def compile_commands(build, src):
    """Returns {source file: command} for the files below src/, tests and generated ones excepted.

    Tests repeat the same macros thousands of times; clang-tidy would spend half its time there.
    """
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    commands = {Path(entry["file"]): entry["command"] for entry in entries}
    return {file: command for file, command in commands.items()
            if file.is_relative_to(src) and not file.name.endswith("_test.cc")}


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "beeflow" / "clang-tidy"


def without_root(command, root):
    """The command as it is in every clone."""
    return command.replace(str(root), ".")


def run_one(build, file):
    """Returns (clean, output)."""
    result = subprocess.run(["clang-tidy", *_OPTIONS, "-p", str(build), str(file)], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    # clang-tidy counts the warnings that it suppressed on stderr; only a failure is of interest.
    clean = result.returncode == 0 and not result.stdout.strip()
    return clean, result.stdout or result.stderr


def run_until(end, build, file):
    """As run_one; (None, "") where the time is over."""
    return run_one(build, file) if time.monotonic() < end else (None, "")


def changes_by_age(root):
    """The files that the history names, numbered from the one that changed last."""
    log = subprocess.run(["git", "log", "--format=", "--name-only", "-n", "300"], cwd=root,
                         text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    ages = {}
    for name in log.stdout.split():
        ages.setdefault(root / name, len(ages))
    return ages


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=Path, help="a build folder with compile_commands.json")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--minutes", type=float, default=math.inf,
                        help="begin no more files after that; what changed last comes first")
    args = parser.parse_args()

    root = source_tree.ROOT
    build = args.build.resolve()
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], text=True, stdout=subprocess.PIPE,
                             check=True)
    config = (root / ".clang-tidy").read_text(encoding="utf-8")
    hasher = Hasher(root / "src")
    commands = compile_commands(build, root / "src")
    marks = {file: cache / hasher.digest(file, version.stdout, config,
                                         without_root(command, root))
             for file, command in commands.items()}
    ages = changes_by_age(root)
    waiting = sorted((file for file, mark in marks.items() if not mark.exists()),
                     key=lambda file: (ages.get(file, math.inf), file))
    end = time.monotonic() + 60 * args.minutes

    failed = left_out = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        runs = {pool.submit(run_until, end, build, file): file for file in waiting}
        for run in concurrent.futures.as_completed(runs):
            clean, output = run.result()
            if clean is None:
                left_out += 1
            elif clean:
                marks[runs[run]].touch()
            else:
                failed += 1
                print(output.replace(f"{root}/", ""), flush=True)
    print(f"clang-tidy: {len(commands)} files, {len(waiting) - left_out} checked, {failed} with "
          f"findings, {left_out} left for lack of time")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
