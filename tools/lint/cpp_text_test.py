import unittest

import cpp_text


def functions(code):
    blanked = cpp_text.blank_comments_and_literals(code)
    return [(f.name, f.first_line, f.last_line) for f in cpp_text.functions(blanked)]


class BlankTest(unittest.TestCase):
    def test_comments_and_literals_keep_their_place(self):
        self.assertEqual(
            cpp_text.blank_comments_and_literals('a; // time(0)\nb("x\\"{", \'"\'); /* { */ c'),
            'a;           \nb("    ", \' \');         c')

    def test_raw_strings_and_digit_separators(self):
        self.assertEqual(
            cpp_text.blank_comments_and_literals('f(R"sql(a " } \n b)sql", 1\'000, \'c\');'),
            'f("           \n      ", 1_000, \' \');')


class FunctionsTest(unittest.TestCase):
    def test_finds_functions_in_namespaces_and_classes(self):
        code = """namespace a {
class B : public C {
 public:
  B() : x_{1}, y_{{2}}, z_([] { return 3; }) {
  }
  int Get() const override { return x_; }
 private:
  int x_ = 0;
};
int Free(const X& x = {},
         int y = 2) {
  if (y) {
    return 1;
  }
}
}  // namespace a
"""
        self.assertEqual(functions(code), [("B", 4, 5), ("Get", 6, 6), ("Free", 10, 15)])

    def test_tables_and_types_are_no_functions(self):
        code = """const int kTable[] = {
  Make(1),
};
enum class E : int { kA, kB };
struct S {
  std::vector<int> v{1, 2};
  int w = F();
};
extern "C" {
void G();
}
"""
        self.assertEqual(functions(code), [])

    def test_trailing_types_templates_and_macros(self):
        code = """template <typename T>
auto F(T t) -> std::optional<T> {
}
bool operator==(const A& a, const A& b) {
}
TEST(Suite, Name) {
}
#define X(a) \\
  if (a) {
"""
        self.assertEqual([(first, last) for _, first, last in functions(code)],
                         [(1, 3), (4, 5), (6, 7)])


if __name__ == "__main__":
    unittest.main()
