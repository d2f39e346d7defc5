import unittest

import include_table
from source_tree import Source

TABLE = include_table.IncludeTable({
    "may_include": {"base": [], "ports": ["base"], "os": ["ports"], "store": ["ports"]},
    "tests_may_include": {"store": ["os"]},
    "pure": {"modules": ["base"], "banned_headers": ["thread"]},
})


def lines(path, text):
    return [finding.line for finding in TABLE.check(Source(path, text))]


class IncludeTableTest(unittest.TestCase):
    def test_the_table_of_the_tree_is_sound(self):
        table = include_table.load()
        self.assertTrue(table.allows("executor", "worker"))
        self.assertFalse(table.allows("worker", "executor"))
        self.assertFalse(table.allows("store", "http"))
        self.assertFalse(table.allows("scheduler", "ports"))

    def test_adapters_do_not_include_each_other(self):
        text = '// purpose\n#include "store/sql.h"\n#include "base/time.h"\n#include "os/clock.h"\n'
        self.assertEqual(lines("src/store/a.cc", text), [4])
        self.assertEqual(lines("src/store/a_test.cc", text), [])
        self.assertEqual(lines("tests/a.cc", text), [])

    def test_pure_modules_have_no_threads(self):
        self.assertEqual(lines("src/base/a.h", "#include <string>\n#include <thread>\n"), [2])
        self.assertEqual(lines("src/os/a.h", "#include <thread>\n"), [])

    def test_includes_are_relative_to_src(self):
        self.assertEqual(lines("src/os/a.cc", '#include "clock.h"\n'), [1])

    def test_a_module_without_entry_is_named(self):
        self.assertEqual(lines("src/new/a.cc", ""), [1])

    def test_deps_obey_the_table(self):
        good = "beeflow_module(store\n  SOURCES a.cc\n  DEPS ports\n  TESTS a_test.cc TEST_DEPS os)"
        self.assertEqual(lines("src/store/CMakeLists.txt", good), [])
        self.assertEqual(lines("src/store/CMakeLists.txt", "beeflow_module(store DEPS os)"), [1])
        self.assertEqual(lines("src/store/CMakeLists.txt", "add_library(store)"), [1])
        self.assertEqual(lines("src/store/sql/CMakeLists.txt", "beeflow_module(store_sql)"), [])

    def test_cycles_and_unknown_names_are_refused(self):
        for table in ({"a": ["b"], "b": ["a"]}, {"a": ["b"]}):
            with self.assertRaises(ValueError):
                include_table.IncludeTable({"may_include": table})


if __name__ == "__main__":
    unittest.main()
