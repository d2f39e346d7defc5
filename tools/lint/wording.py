"""Words and names: unfinished work, paths of one machine, file names that say nothing."""

import re

from source_tree import Finding, ROOT

# Python packages keep the names of the API that they offer.
NAMES_EXEMPT = ("python/airflow/",)
# The linter names what it bans.
WORDS_EXEMPT = ("tools/lint/",)
# Outside texts, quoted as they are.
TEXT_EXEMPT = ("LICENSE", "package-lock.json")

_VAGUE = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
# /home/me and /home/user are nobody's home: examples may use them.
_HOME = re.compile(r"(?<![\w.$}/])/(?:home/(?!me/|user/)\w+|root)/\w")


def check(source, root=ROOT):
    """Yields the findings of one file."""
    if not source.path.startswith(NAMES_EXEMPT):
        yield from _check_name(source)
    if not source.path.startswith(WORDS_EXEMPT) and source.path not in TEXT_EXEMPT:
        yield from _check_words(source, root)


def _check_name(source):
    for part in source.path.split("/"):
        words = set(re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", part).lower()))
        for word in sorted(words & _VAGUE):
            yield Finding(source.path, 1, f"'{word}' in a file name says nothing; name the thing")


def _check_words(source, root):
    this_tree = re.compile(re.escape(str(root)) + r"\b")
    for number, line in enumerate(source.lines, 1):
        if match := _UNFINISHED.search(line):
            yield Finding(source.path, number, f"{match.group()}: finish it or open an issue")
        if match := _HOME.search(line) or this_tree.search(line):
            yield Finding(source.path, number, f"`{match.group()}` is a path of one machine; "
                          "make it relative or configurable")
