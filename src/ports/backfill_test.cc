// Which runs a backfill makes, and what is refused.
#include "ports/backfill.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

Time At(const char* text) { return *ParseTime(text); }

Dag Daily() {
  Dag dag;
  dag.id = "etl";
  dag.schedule = Json{{"kind", "cron"}, {"expression", "@daily"}, {"timezone", "UTC"}};
  return dag;
}

BackfillOrder Order(const char* from, const char* to) {
  BackfillOrder order;
  order.dag_id = "etl";
  order.from = At(from);
  order.to = At(to);
  return order;
}

// The logical dates of the plan made at 2021-01-05 12:00, or what it is refused with.
std::string Plan(const Dag& dag, const BackfillOrder& order) {
  const auto plan = PlanBackfill(dag, order, At("2021-01-05T12:00:00"));
  if (!plan.ok()) return plan.error().message;
  std::string dates;
  for (const NextRun& next : *plan) dates += FormatIso(next.logical_date).substr(8, 2) + " ";
  return dates;
}

TEST(PlanBackfill, HasTheIntervalsBetweenTheDatesThatHaveEnded) {
  EXPECT_EQ(Plan(Daily(), Order("2021-01-01", "2021-01-03")), "01 02 03 ");
  EXPECT_EQ(Plan(Daily(), Order("2021-01-01T01:00:00", "2021-01-03")), "02 03 ");
  EXPECT_EQ(Plan(Daily(), Order("2021-01-03", "2021-02-01")), "03 04 ");
}

TEST(PlanBackfill, MayBeginWithTheLatest) {
  BackfillOrder order = Order("2021-01-01", "2021-01-03");
  order.backwards = true;
  EXPECT_EQ(Plan(Daily(), order), "03 02 01 ");
}

TEST(PlanBackfill, NeedsIntervals) {
  EXPECT_NE(Plan(Daily(), Order("2021-01-03", "2021-01-01")).find("lies before"),
            std::string::npos);
  EXPECT_NE(Plan(Daily(), Order("2021-02-03", "2021-02-05")).find("future"), std::string::npos);
  EXPECT_NE(Plan(Daily(), Order("2021-01-05", "2021-01-06")).find("that has ended"),
            std::string::npos);
  EXPECT_NE(Plan(Daily(), Order("2021-01-01T01:00:00", "2021-01-01T02:00:00")).find("no interval"),
            std::string::npos);
  EXPECT_NE(Plan(Daily(), Order("1980-01-01", "2021-01-01")).find("more than 10000"),
            std::string::npos);
  Dag dag = Daily();
  dag.schedule = nullptr;
  EXPECT_NE(Plan(dag, Order("2021-01-01", "2021-01-03")).find("no intervals to fill"),
            std::string::npos);
}

TEST(PlanBackfill, OfTasksThatDependOnTheirPastGoesForwardsAndAnew) {
  Dag dag = Daily();
  dag.uses_past = true;
  BackfillOrder order = Order("2021-01-01", "2021-01-02");
  EXPECT_NE(Plan(dag, order).find("reprocess behavior"), std::string::npos);
  order.reprocess = Reprocess::kFailed;
  EXPECT_EQ(Plan(dag, order), "01 02 ");
  order.backwards = true;
  EXPECT_NE(Plan(dag, order).find("backwards"), std::string::npos);
}

TEST(PlanBackfill, ChecksConfAndLimit) {
  Dag dag = Daily();
  dag.params = *ParseJson(R"({"n": 1})");
  dag.params_schema = *ParseJson(R"({"n": {"type": "integer"}})");
  BackfillOrder order = Order("2021-01-01", "2021-01-01");
  order.conf = R"({"n": "x"})";
  EXPECT_NE(Plan(dag, order).find("param 'n'"), std::string::npos);
  order.conf.reset();
  order.max_active_runs = 0;
  EXPECT_NE(Plan(dag, order).find("at least 1"), std::string::npos);
}

TEST(WhyKept, DependsOnTheStateAndOnWhatIsToStartAnew) {
  EXPECT_EQ(WhyKept(RunState::kQueued, Reprocess::kCompleted), "in flight");
  EXPECT_EQ(WhyKept(RunState::kRunning, Reprocess::kNone), "in flight");
  EXPECT_EQ(WhyKept(RunState::kFailed, Reprocess::kNone), "already exists");
  EXPECT_EQ(WhyKept(RunState::kSuccess, Reprocess::kFailed), "already exists");
  EXPECT_EQ(WhyKept(RunState::kFailed, Reprocess::kFailed), "");
  EXPECT_EQ(WhyKept(RunState::kSuccess, Reprocess::kCompleted), "");
}

}  // namespace
}  // namespace beeflow
