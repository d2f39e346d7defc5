"""Layering: every #include between modules and every DEPS in CMake obeys modules.toml."""

import re
import tomllib
from pathlib import Path

from source_tree import Finding

TABLE_PATH = Path(__file__).with_name("modules.toml")
_INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
_MODULE_CALL = re.compile(r"beeflow_module\(\s*(\w+)([^)]*)\)")
_KEYWORD = re.compile(r"[A-Z_]+")


class IncludeTable:
    """The table with its transitive closure."""

    def __init__(self, table):
        self._direct = table["may_include"]
        self._tests = table.get("tests_may_include", {})
        pure = table.get("pure", {})
        self._pure = set(pure.get("modules", []))
        self._banned_headers = set(pure.get("banned_headers", []))
        self._closure = {}
        for module in self._direct:
            self._reach(module, ())

    def _reach(self, module, path):
        if module in path:
            raise ValueError("modules.toml: cycle " + " -> ".join((*path, module)))
        if module not in self._direct:
            raise ValueError(f"modules.toml: {path[-1]} may include {module}, which has no entry")
        if module not in self._closure:
            reached = {module}
            for other in self._direct[module]:
                reached |= self._reach(other, (*path, module))
            self._closure[module] = reached
        return self._closure[module]

    def allows(self, module, other, in_test=False):
        extra = self._tests.get(module, []) if in_test else []
        return any(other in self._closure[m] for m in (module, *extra))

    def check(self, source):
        """Yields what is wrong with the includes, or with the DEPS, of one file."""
        module = source.module
        if module is None:
            return
        if module not in self._direct:
            yield Finding(source.path, 1, f"module '{module}' has no entry in "
                          "tools/lint/modules.toml; say there what it may include")
        elif source.path.endswith("CMakeLists.txt"):
            yield from self._check_deps(source, module)
        elif source.is_cpp:
            yield from self._check_includes(source, module)

    def _check_includes(self, source, module):
        for number, line in enumerate(source.lines, 1):
            match = _INCLUDE.match(line)
            if not match:
                continue
            quoted, angled = match.groups()
            if angled in self._banned_headers and module in self._pure and not source.is_test:
                yield Finding(source.path, number, f"<{angled}> in '{module}', which only decides; "
                              "move clocks, threads, files and SQL behind an interface of ports")
            other = (quoted or "").split("/")[0]
            if quoted and "/" not in quoted:
                yield Finding(source.path, number, f'write "{module}/{quoted}": includes are '
                              "relative to src/")
            elif other in self._direct and not self.allows(module, other, source.is_test):
                yield Finding(source.path, number, f"'{module}' may not include '{other}'; "
                              "the direction of dependencies is in tools/lint/modules.toml")

    def _check_deps(self, source, module):
        calls = list(_MODULE_CALL.finditer(source.text))
        # A folder of libraries, or the program itself.
        composes = re.search(r"add_subdirectory\(|add_executable\(beeflow\b", source.text)
        if not composes and not any(call[1].split("_")[0] == module for call in calls):
            yield Finding(source.path, 1, f"declare beeflow_module({module} ...): one library per "
                          "module")
        for call in calls:
            keyword = None
            for word in call[2].split():
                if _KEYWORD.fullmatch(word):
                    keyword = word
                elif keyword in ("DEPS", "TEST_DEPS"):
                    other = word if word in self._direct else word.split("_")[0]
                    in_test = keyword == "TEST_DEPS"
                    if other not in self._direct or not self.allows(module, other, in_test):
                        number = source.text.count("\n", 0, call.start()) + 1
                        yield Finding(source.path, number, f"{call[1]}: {keyword} may not name "
                                      f"'{word}'; see tools/lint/modules.toml")


def load(path=TABLE_PATH):
    return IncludeTable(tomllib.loads(path.read_text(encoding="utf-8")))
