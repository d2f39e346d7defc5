"""Bans from banned_calls.toml: clock, sleep, randomness and the like outside their place."""

import re
import tomllib
from pathlib import Path

from source_tree import Finding

BANS_PATH = Path(__file__).with_name("banned_calls.toml")


class BannedCalls:
    def __init__(self, bans):
        self._bans = [{**ban, "pattern": re.compile(ban["pattern"])} for ban in bans["ban"]]

    def check(self, source):
        """Yields the banned uses in one C++ file under src/."""
        if not source.is_cpp or not source.path.startswith("src/"):
            return
        for ban in self._bans:
            if source.path.startswith(tuple(ban["allowed"])):
                continue
            if source.is_test and ban.get("tests", False):
                continue
            for match in ban["pattern"].finditer(source.code):
                line = source.code.count("\n", 0, match.start()) + 1
                yield Finding(source.path, line, f"`{match.group().strip()}`: {ban['name']} is not "
                              f"for this place; {ban['instead']}")


def load(path=BANS_PATH):
    return BannedCalls(tomllib.loads(path.read_text(encoding="utf-8")))
