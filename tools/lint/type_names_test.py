import unittest

import type_names
from source_tree import Source

FIRST = """namespace beeflow {
struct Trial;
struct Trial {
  struct Part {};
};
}  // namespace beeflow
"""


def findings(*texts):
    sources = [Source(f"src/lab/{chr(ord('a') + i)}.cc", text) for i, text in enumerate(texts)]
    return [str(finding) for finding in type_names.check_all(sources)]


class TypeNamesTest(unittest.TestCase):
    def test_one_name_in_two_files(self):
        second = FIRST.replace("struct Trial {", "class Trial final : public Base {")
        self.assertEqual(findings(FIRST, second), [
            "src/lab/b.cc:3: beeflow::Trial is defined in src/lab/a.cc:3 too"])

    def test_other_namespaces_and_unnamed_ones_are_others(self):
        unnamed = ("namespace beeflow {\nnamespace {\nstruct Trial {\n};\n}  // namespace\n"
                   "}  // namespace beeflow\n")
        other = FIRST.replace("namespace beeflow", "namespace beeflow::sqlite")
        self.assertEqual(findings(FIRST, unnamed, unnamed, other), [])

    def test_inline_variables(self):
        first = FIRST + "namespace sql {\ninline constexpr std::string_view kQuery =\n"
        second = "namespace sql {\ninline constexpr const char* kQuery =\n"
        self.assertEqual(len(findings(first, second)), 1)

    def test_what_follows_an_unnamed_namespace_counts_again(self):
        second = "namespace beeflow {\nnamespace {\n}  // namespace\nenum class Trial { kOne };\n"
        self.assertEqual(len(findings(FIRST, second)), 1)


if __name__ == "__main__":
    unittest.main()
