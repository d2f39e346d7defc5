#include "ports/manual_run.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

Dag Daily() {
  Dag dag;
  dag.id = "etl";
  dag.schedule = Json{{"kind", "cron"}, {"expression", "@daily"}, {"timezone", "UTC"}};
  return dag;
}

TEST(NewManualRun, TakesNowAndTheTimetablesInterval) {
  const Time now = *ParseTime("2021-01-02T05:06:07");
  const auto run = NewManualRun(Daily(), {}, now);
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->key.run_id, "manual__2021-01-02T05:06:07+00:00");
  EXPECT_EQ(run->logical_date, now);
  EXPECT_EQ(run->queued_at, now);
  EXPECT_EQ(run->state, RunState::kQueued);
  EXPECT_TRUE(run->external_trigger);
  EXPECT_EQ(FormatIso(run->interval->start), "2021-01-01T00:00:00+00:00");
  EXPECT_EQ(FormatIso(run->interval->end), "2021-01-02T00:00:00+00:00");
}

TEST(NewManualRun, KeepsWhatIsAskedFor) {
  ManualRun request;
  request.run_id = "mine";
  request.logical_date = *ParseTime("2020-02-03");
  request.conf = R"({"a":1})";
  const auto run = NewManualRun(Daily(), request, *ParseTime("2021-01-02"));
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->key.run_id, "mine");
  EXPECT_EQ(FormatIso(run->logical_date), "2020-02-03T00:00:00+00:00");
  EXPECT_EQ(run->conf, R"({"a":1})");
}

TEST(CheckManualRunId, RefusesOtherTypesPrefixesAndOddCharacters) {
  EXPECT_TRUE(CheckManualRunId("manual__2021-01-01T00:00:00+00:00").ok());
  EXPECT_NE(CheckManualRunId("scheduled__x").error().message.find("choose another"),
            std::string::npos);
  EXPECT_FALSE(CheckManualRunId("a/b").ok());
  EXPECT_FALSE(CheckManualRunId("").ok());
  EXPECT_FALSE(CheckManualRunId(std::string(251, 'a')).ok());
}

}  // namespace
}  // namespace beeflow
