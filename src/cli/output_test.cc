#include "cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

namespace beeflow {
namespace {

TEST(WriteTable, KeepsColumnsStraightWithLinesAndUtf8) {
  std::ostringstream out;
  WriteTable({{"name", "text"}, {{"żółw", "one\ntwo"}, {std::nullopt, ""}}}, OutputFormat::kTable,
             out);
  EXPECT_EQ(out.str(),
            "name | text\n"
            "=====+=====\n"
            "żółw | one\n"
            "     | two\n"
            "None |\n");
}

TEST(WriteTable, YamlQuotesWhatItWouldMisread) {
  std::ostringstream out;
  WriteTable({{"a", "b", "c", "d"}, {{"no", "1.5", "x: y", std::nullopt}}}, OutputFormat::kYaml,
             out);
  EXPECT_EQ(out.str(), "- a: \"no\"\n  b: \"1.5\"\n  c: \"x: y\"\n  d: null\n");
}

TEST(FormatSeconds, IsForPeople) {
  EXPECT_EQ(FormatSeconds(0.1234), "0.123 s");
  EXPECT_EQ(FormatSeconds(65), "1 min 5 s");
  EXPECT_EQ(FormatSeconds(7384), "2 h 3 min");
}

}  // namespace
}  // namespace beeflow
