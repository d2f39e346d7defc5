"""Splitting of a text into SQL statements."""

from __future__ import annotations

import re

# What may hold a semicolon that ends no statement: texts, quoted names, comments.
_TOKEN = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | --[^\n]* | /\*.*?\*/
        | \$(?P<tag>\w*)\$ .*? \$(?P=tag)\$ | ; | [^;'"`$/-]+ | .""",
    re.VERBOSE | re.DOTALL,
)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def split_statements(sql: str, strip_semicolon: bool = False) -> list[str]:
    """Return the statements of a text, without those that are empty or comments only."""
    statements, current = [], ""
    for match in _TOKEN.finditer(sql):
        token = match.group()
        if token != ";":
            current += token
            continue
        statements.append(current if strip_semicolon else current + token)
        current = ""
    statements.append(current)
    return [
        statement.strip()
        for statement in statements
        if _COMMENTS.sub("", statement).strip().strip(";")
    ]
