"""Just enough understanding of C++ text for lint: comments, literals and function bodies.

This is no parser. It relies on the format that clang-format gives the tree.
"""

import dataclasses
import re

_TOKEN = re.compile(
    r"""
      (?P<comment> //(?:\\\n|[^\n])* | /\*.*?\*/ )
    | (?P<raw> R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)" )
    | (?P<string> "(?:\\.|[^"\\\n])*" )
    | (?P<number> \b\d[\w.]*(?:'\w+)+ )
    | (?P<character> '(?:\\.|[^'\\\n])+' )
    """,
    re.VERBOSE | re.DOTALL,
)
_PREPROCESSOR = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
_LEADING = re.compile(r"\s*(?:(?:public|private|protected)\s*:\s*)*")
_INNER_BRACES = re.compile(r"\{[^{}]*\}")
_TYPE_OR_NAMESPACE = re.compile(r"\b(?:namespace|class|struct|union|enum|concept)\b[^()]*$")
# A parameter list, then what may stand between it and the body.
_FUNCTION = re.compile(
    r"\)\s*(?:const|noexcept|override|final|mutable|&|\s)*"
    r"(?:->[^;{}]*)?(?:requires[^;{}]*)?(?::(?!:)[^;]*)?$"
)
_NAME = re.compile(r"([~\w:]+(?:\s*operator[^\s(]+)?)\s*\(")


@dataclasses.dataclass(frozen=True)
class Function:
    """A function definition; lines count from 1 and include signature and closing brace."""

    name: str
    first_line: int
    last_line: int

    @property
    def length(self):
        return self.last_line - self.first_line + 1


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def blank_comments_and_literals(text):
    """Replaces comments and the insides of literals by spaces; every line keeps its length."""

    def replace(match):
        token = match.group()
        if match["comment"]:
            return _blank(token)
        if match["number"]:
            return token.replace("'", "_")
        quote = '"' if match["raw"] or match["string"] else "'"
        return quote + _blank(token[1:-1]) + quote

    return _TOKEN.sub(replace, text)


def functions(code):
    """Finds the outermost function bodies in text without comments and literals.

    Lambdas and local classes count as part of the function around them.
    """
    code = _PREPROCESSOR.sub(lambda match: _blank(match.group()), code)
    found = []
    head_start = 0  # Where the declaration that may own the next brace begins.
    skip_to = 0  # Braces before this position are inside a body or an initializer.
    for match in re.finditer(r"[{};]", code):
        position = match.start()
        if position < skip_to:
            continue
        head = code[head_start:position]
        if match.group() == "{" and _is_initializer(head):
            skip_to = _closing_brace(code, position) + 1
            continue
        if match.group() == "{" and _is_function(head):
            end = _closing_brace(code, position)
            first = head_start + _LEADING.match(head).end()
            found.append(Function(_NAME.search(head)[1], _line(code, first), _line(code, end)))
            position = end
            skip_to = end + 1
        head_start = position + 1
    return found


def _closing_brace(code, opening):
    depth = 0
    for match in re.compile(r"[{}]").finditer(code, opening):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.start()
    return len(code)


def _is_initializer(head):
    """clang-format puts a space before a body's brace, and none before an initializer's."""
    return (not head[-1:].isspace() and head != "" or head.count("(") > head.count(")")
            or head.rstrip().endswith(("=", ",", "return")))


def _is_function(head):
    while (flat := _INNER_BRACES.sub("", head)) != head:
        head = flat
    return bool(_NAME.search(head) and _FUNCTION.search(head)
                and not _TYPE_OR_NAMESPACE.search(head))


def _line(text, position):
    return text.count("\n", 0, position) + 1
