#include <gtest/gtest.h>

#include "base/json.h"
#include "base/random.h"
#include "base/time.h"

namespace beeflow {
namespace {

Time At(const char* text) { return *ParseTime(text); }

TEST(TimeTest, FormatsAsPythonAndAirflowDo) {
  const Time t = At("2021-01-02T03:04:05");
  EXPECT_EQ(FormatIso(t), "2021-01-02T03:04:05+00:00");
  EXPECT_EQ(FormatIso(t + Duration(7)), "2021-01-02T03:04:05.000007+00:00");
  EXPECT_EQ(FormatSql(t), "2021-01-02 03:04:05.000000");
  EXPECT_EQ(FormatSqlWithZone(t), "2021-01-02 03:04:05.000000+00:00");
}

TEST(TimeTest, ReadsDatesOffsetsAndFractions) {
  EXPECT_EQ(FormatSql(At("2021-01-31")), "2021-01-31 00:00:00.000000");
  EXPECT_EQ(FormatSql(At("2021-01-31T15:00")), "2021-01-31 15:00:00.000000");
  EXPECT_EQ(FormatSql(At("2021-01-31 15:00:00.25+02:00")), "2021-01-31 13:00:00.250000");
  EXPECT_EQ(FormatSql(At("2021-01-31T15:00:00.123456789Z")), "2021-01-31 15:00:00.123456");
  EXPECT_EQ(FormatSql(At("2021-01-31T15:00:00-0530")), "2021-01-31 20:30:00.000000");
}

TEST(TimeTest, RefusesWhatIsNoTime) {
  for (const char* text : {"", "now", "2021-13-01", "2021-02-30", "2021-01-01T25:00", "2021-01-01x",
                           "2021-01-01T00:00:00+25:00", "21-01-01"}) {
    EXPECT_FALSE(ParseTime(text).ok()) << text;
  }
}

TEST(JsonTest, NamesTheObjectAndTheFieldThatIsWrong) {
  const Json json = *ParseJson(R"({"retries": "three", "pool_slots": 0})");
  JsonReader wrong_type(json, "dag a, task b");
  wrong_type.Integer("retries", 0, 0, 10);
  EXPECT_EQ(wrong_type.status().error().message, "dag a, task b: retries must be a whole number");
  JsonReader out_of_range(json, "dag a, task b");
  out_of_range.Integer("pool_slots", 1, 1, 10);
  EXPECT_EQ(out_of_range.status().error().message,
            "dag a, task b: pool_slots is 0; it must be from 1 to 10");
}

TEST(JsonTest, AbsentAndNullAreTheDefault) {
  const Json json = *ParseJson(R"({"a": null})");
  JsonReader reader(json, "x");
  EXPECT_EQ(reader.String("a", "d"), "d");
  EXPECT_EQ(reader.Integer("b", 7, 0, 9), 7);
  EXPECT_TRUE(reader.status().ok());
  EXPECT_FALSE(ParseJson("{").ok());
}

// Writing it would call itself for each level.
TEST(ParseJson, RefusesWhatIsNestedTooDeeply) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + "\"]\\\"[\"" + std::string(depth, ']');
  };
  EXPECT_TRUE(ParseJson(nested(1000)).ok());
  EXPECT_EQ(ParseJson(nested(1001)).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(ParseJson(std::string(8 << 20, '[')).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(ParseJson(std::string(8 << 20, '{')).error().code, ErrorCode::kInvalid);
  EXPECT_TRUE(ParseJson("[" + std::string(9, '1') + ", \"" + std::string(2000, '[') + "\"]").ok());
}

TEST(RandomTest, IsReplayedFromItsSeed) {
  Random a(42);
  Random b(42);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.Next(), b.Next());
  EXPECT_LT(Random(1).Below(10), 10u);
}

}  // namespace
}  // namespace beeflow
