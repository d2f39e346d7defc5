#include "cli/yaml.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

std::string Read(const std::string& yaml) {
  const auto value = ParseYaml(yaml);
  EXPECT_TRUE(value.ok()) << yaml;
  return value.ok() ? value->dump() : "";
}

TEST(ParseYaml, ScalarsHaveTheTypesOfPythonsSafeLoader) {
  EXPECT_EQ(Read("[1, -2, +3, 0x10, 010, 1.5, -0.5]"), "[1,-2,3,16,8,1.5,-0.5]");
  EXPECT_EQ(Read("[true, Yes, on, FALSE, no, off]"), "[true,true,true,false,false,false]");
  EXPECT_EQ(Read("[null, ~, ]"), "[null,null]");
  EXPECT_EQ(Read("[a b, '1', \"true\", 1.2.3, 08, --1, 2021-01-01, 1e3, .inf]"),
            R"(["a b","1","true","1.2.3","08","--1","2021-01-01","1e3",".inf"])");
}

TEST(ParseYaml, ObjectsKeepTheirOrder) {
  EXPECT_EQ(Read("b: 1\na:\n  - x\n  - z: 1\n    y: |\n      two\n      lines\n"),
            R"({"b":1,"a":["x",{"z":1,"y":"two\nlines\n"}]})");
  EXPECT_EQ(Read(""), "null");
}

TEST(ParseYaml, AliasesAreUnfoldedWithinBounds) {
  EXPECT_EQ(Read("a: &x [1]\nb: *x\n"), R"({"a":[1],"b":[1]})");
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += before + (j < 9 ? ", " : "]\n");
  }
  EXPECT_FALSE(ParseYaml(bomb).ok());
}

TEST(ParseYaml, ErrorsNameTheLine) {
  const auto value = ParseYaml("a: 1\nb: [2\n");
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.error().message.rfind("not valid YAML, line ", 0), 0U) << value.error().message;
}

TEST(FormatYaml, ComesBack) {
  const OrderedJson value = OrderedJson::parse(
      R"({"b": "yes", "a": [1, 2.5, null, true, {}, [], "x: \"y\"\n# z"], "ü": {"k": "1"}})");
  const auto again = ParseYaml(FormatYaml(value));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, value) << FormatYaml(value);
}

}  // namespace
}  // namespace beeflow
