#include "lab/csv.h"

#include <gtest/gtest.h>

#include <sstream>

namespace beeflow {
namespace {

TEST(WriteCsvRow, QuotesOnlyWhatNeedsIt) {
  std::ostringstream out;
  WriteCsvRow({"plain", std::nullopt, "", "a,b", "say \"hi\"", "two\nlines"}, out);
  EXPECT_EQ(out.str(), "plain,,\"\",\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n");
}

}  // namespace
}  // namespace beeflow
