"""Types or inline variables of one name in one namespace, in several files: the linker silently
takes either.

Test fixtures count too where they are not in an unnamed namespace: a test program links the module
it tests.
"""

import re

from source_tree import Finding

_NAMESPACE = re.compile(r"^namespace(?:\s+(?P<name>[\w:]+))?\s*\{")
_NAMESPACE_END = re.compile(r"^\}")
_TYPE = re.compile(r"^(?:struct|class|enum(?: class)?)\s+(?P<name>\w+)(?:\s+final)?\s*(?::[^:]|\{)")
_VARIABLE = re.compile(r"^inline (?:constexpr|const) [^=({]*?(?P<name>\w+)(?:\[\])?\s*[={]")


def types(source):
    """Yields (line, qualified name) of what the file defines and other files could name too."""
    namespaces = []
    for number, line in enumerate(source.code.splitlines(), 1):
        if opened := _NAMESPACE.match(line):
            namespaces.append(opened["name"] or "")
        elif namespaces and _NAMESPACE_END.match(line) and "namespace" in source.lines[number - 1]:
            namespaces.pop()
        elif (defined := _TYPE.match(line) or _VARIABLE.match(line)) and "" not in namespaces:
            yield number, "::".join([*namespaces, defined["name"]])


def check_all(sources):
    """Returns a finding for each further definition of a name."""
    first = {}
    findings = []
    for source in sources:
        if not source.is_cpp or not source.path.startswith("src/"):
            continue
        for line, name in types(source):
            place = first.setdefault(name, f"{source.path}:{line}")
            if not place.startswith(source.path + ":"):
                findings.append(Finding(source.path, line, f"{name} is defined in {place} too"))
    return findings
