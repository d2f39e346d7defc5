"""Sizes: columns of a line, lines of a function, lines of a file."""

import ast

import cpp_text
from source_tree import Finding

COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 800


def check(source):
    """Yields what is too long in one source file; data and prose are not limited."""
    if not source.is_code:
        return
    if len(source.lines) > FILE_LINES_MAX:
        yield Finding(source.path, FILE_LINES_MAX + 1, f"the file has {len(source.lines)} lines, "
                      f"at most {FILE_LINES_MAX}; split it by what it does")
    for number, line in enumerate(source.lines, 1):
        if len(line) > COLUMNS_MAX and "://" not in line:
            yield Finding(source.path, number, f"{len(line)} columns, at most {COLUMNS_MAX}")
    for name, first, last in _functions(source):
        length = last - first + 1
        if length > FUNCTION_LINES_MAX:
            yield Finding(source.path, first, f"{name} has {length} lines, at most "
                          f"{FUNCTION_LINES_MAX}; move a step of it into a function of its own")


def _functions(source):
    if source.is_cpp:
        return [(f.name, f.first_line, f.last_line) for f in cpp_text.functions(source.code)]
    if source.suffix == ".py":
        return _python_functions(source.text)
    return []


def _python_functions(text):
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []  # A fixture of a parser test; a broken program fails its own tests.
    return [(node.name, node.lineno, node.end_lineno) for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
