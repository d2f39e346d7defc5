// Between which dates a DAG is scheduled, and who takes part in its runs.
#include "scheduler/dag_entry.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace beeflow {
namespace {

Time Day(const char* text) { return *ParseTime(text); }

std::shared_ptr<const Dag> DagWith(Json fields, Json tasks) {
  fields["dag_id"] = "example";
  fields["tasks"] = std::move(tasks);
  return DagFromJson(fields).value();
}

Json TaskWith(const char* id, Json fields = Json::object()) {
  fields["task_id"] = id;
  return fields;
}

TEST(RestrictionOf, TakesTheEarliestStartDate) {
  const Json late = TaskWith("a", {{"start_date", "2021-01-05"}});
  const Json early = TaskWith("b", {{"start_date", "2021-01-03"}});
  EXPECT_EQ(RestrictionOf(*DagWith({}, {late, early})).earliest, Day("2021-01-03"));
  EXPECT_EQ(RestrictionOf(*DagWith({{"start_date", "2021-01-01"}}, {late})).earliest,
            Day("2021-01-01"));
  EXPECT_FALSE(RestrictionOf(*DagWith({}, {TaskWith("a")})).earliest);
}

TEST(RestrictionOf, EndsWithTheDagUnlessAllTasksEnd) {
  const Json dag = {{"end_date", "2021-02-01"}};
  const Json early = TaskWith("a", {{"end_date", "2021-01-15"}});
  const Json late = TaskWith("b", {{"end_date", "2021-03-01"}});
  EXPECT_EQ(RestrictionOf(*DagWith(dag, {early, TaskWith("c")})).latest, Day("2021-02-01"));
  EXPECT_EQ(RestrictionOf(*DagWith({}, {early, late})).latest, Day("2021-03-01"));
  EXPECT_EQ(RestrictionOf(*DagWith(dag, {early, late})).latest, Day("2021-03-01"));
  EXPECT_EQ(RestrictionOf(*DagWith(dag, {early})).latest, Day("2021-02-01"));
  EXPECT_FALSE(RestrictionOf(*DagWith({}, {early, TaskWith("c")})).latest);
}

TEST(RestrictionOf, SaysWhetherToCatchUp) {
  EXPECT_TRUE(RestrictionOf(*DagWith({}, {})).catchup);
  EXPECT_FALSE(RestrictionOf(*DagWith({{"catchup", false}}, {})).catchup);
}

TEST(MakeRunId, IsTheTypeAndTheLogicalDate) {
  EXPECT_EQ(MakeRunId(RunType::kScheduled, Day("2021-01-01")),
            "scheduled__2021-01-01T00:00:00+00:00");
  EXPECT_EQ(MakeRunId(RunType::kBackfill, Day("2021-01-01T10:30:00.25")),
            "backfill__2021-01-01T10:30:00.250000+00:00");
}

TEST(TakesPart, BetweenTheTasksOwnDates) {
  const Json dates = {{"start_date", "2021-01-02"}, {"end_date", "2021-01-04"}};
  const auto dag = DagWith({}, {TaskWith("a", dates)});
  RunRecord run;
  const auto takes_part = [&](const char* date) {
    run.logical_date = Day(date);
    return TakesPart(dag->tasks[0], run);
  };
  EXPECT_FALSE(takes_part("2021-01-01"));
  EXPECT_TRUE(takes_part("2021-01-02"));
  EXPECT_TRUE(takes_part("2021-01-04"));
  EXPECT_FALSE(takes_part("2021-01-05"));
  run.type = RunType::kBackfill;
  EXPECT_TRUE(takes_part("2021-01-01"));
}

RunRecord RunOf(int64_t backfill_id, int ordinal, const char* date, RunState state) {
  RunRecord run;
  run.key = {"example", date};
  run.logical_date = Day(date);
  run.backfill_id = backfill_id;
  run.backfill_ordinal = ordinal;
  run.state = state;
  return run;
}

TEST(DagEntry, RunsOfABackfillCountByThemselves) {
  DagEntry entry;
  entry.dag = DagWith({{"max_active_runs", 1}}, {});
  const RunRecord late = RunOf(7, 1, "2021-01-02", RunState::kQueued);
  const RunRecord early = RunOf(7, 2, "2021-01-01", RunState::kQueued);
  entry.Count(early);
  entry.Count(late);
  EXPECT_TRUE(entry.has_room());
  EXPECT_EQ(std::get<2>(*entry.groups.at(7).queued.begin()), "2021-01-02") << "by its place";
  const RunRecord other = RunOf(0, 0, "2021-01-03", RunState::kRunning);
  entry.Count(other);
  EXPECT_FALSE(entry.has_room());
  entry.Discount(other);
  EXPECT_TRUE(entry.has_room());
  entry.Discount(early);
  entry.Discount(late);
  entry.Count(RunOf(7, 1, "2021-01-02", RunState::kSuccess));
  EXPECT_TRUE(entry.groups.empty());
}

TEST(DagEntry, HasTheSmallerLimitOnActiveRuns) {
  DagEntry entry;
  entry.dag = DagWith({{"max_active_runs", 3}}, {});
  EXPECT_EQ(entry.max_active_runs(), 3);
  entry.timetable = Timetable::Continuous();
  EXPECT_EQ(entry.max_active_runs(), 1);
  entry.dag = DagWith({{"max_active_runs", 0}}, {});
  EXPECT_EQ(entry.max_active_runs(), 1);
}

}  // namespace
}  // namespace beeflow
