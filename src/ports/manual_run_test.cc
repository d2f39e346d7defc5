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

Dag WithParams() {
  Dag dag = Daily();
  dag.params = *ParseJson(R"({"n": 1, "plain": "x", "day": {"__type": "date", "__var": "x"}})");
  dag.params_schema = *ParseJson(R"({"n": {"type": "integer", "maximum": 9},
                                     "day": {"type": "string"}})");
  return dag;
}

TEST(CheckConf, PutsConfOverTheDefaults) {
  EXPECT_TRUE(CheckConf(WithParams(), "{}").ok());
  EXPECT_TRUE(CheckConf(WithParams(), R"({"n": 9, "plain": 7, "unknown": null})").ok());
  EXPECT_EQ(CheckConf(WithParams(), R"({"n": 10})").error().message,
            "DAG 'etl': Invalid input for param 'n': 10 is greater than the maximum of 9");
}

TEST(CheckConf, NeedsAValueForEachParam) {
  Dag dag = WithParams();
  dag.params.erase("n");
  EXPECT_EQ(CheckConf(dag, "{}").error().message,
            "DAG 'etl': Invalid input for param 'n': it has no default, and conf gives no value "
            "for it");
  dag.params["n"] = nullptr;
  EXPECT_EQ(CheckConf(dag, "{}").error().message,
            "DAG 'etl': Invalid input for param 'n': null is not of type integer; that is its "
            "default: give another value in conf");
  EXPECT_FALSE(NewManualRun(dag, {}, *ParseTime("2021-01-02")).ok());
  EXPECT_TRUE(CheckConf(dag, R"({"n": 1})").ok());
}

TEST(NewManualRun, LeavesTheIntervalToTheAuthorsTimetable) {
  Dag dag = Daily();
  dag.schedule = Json{{"kind", "custom"}, {"class", "mine.Odd"}};
  EXPECT_FALSE(NewManualRun(dag, {}, *ParseTime("2021-01-02"))->interval);
  ManualRun request;
  request.interval = DataInterval{*ParseTime("2021-01-01"), *ParseTime("2021-01-02")};
  EXPECT_TRUE(NewManualRun(dag, request, *ParseTime("2021-01-02"))->interval);
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
