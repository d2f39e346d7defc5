#include "lab/report.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

Time At(double seconds) { return Time(Seconds(1'600'000'000 + seconds)); }

// One task that comes first, and `count` behind it.
std::shared_ptr<const Dag> Parallel(const std::string& id, int count) {
  Json tasks = Json::array();
  Json ids = Json::array();
  for (int i = 0; i < count; ++i) ids.push_back("t" + std::to_string(i));
  tasks.push_back({{"task_id", "first"}, {"downstream", ids}});
  for (const Json& task : ids) tasks.push_back({{"task_id", task}});
  auto dag = DagFromJson({{"dag_id", id}, {"tasks", tasks}});
  EXPECT_TRUE(dag.ok());
  return *dag;
}

TaskInfo Row(const std::string& id, double start, double end,
             TaskState state = TaskState::kSuccess) {
  TaskInfo task;
  task.record.task_id = id;
  task.record.state = state;
  task.record.try_number = 1;
  task.record.start_date = At(start);
  task.record.end_date = At(end);
  return task;
}

AttemptInfo Started(const std::string& id, const std::string& how) {
  AttemptInfo attempt;
  attempt.task_id = id;
  attempt.try_number = 1;
  attempt.usage.start_type = how;
  return attempt;
}

// From `start` on: first for 1 s, then t0 and t1 for 10 s, 0.5 s later each; ends after `seconds`.
ExportedRun RunOf(const std::string& dag_id, const std::string& id, double start, double seconds,
                  RunState state = RunState::kSuccess) {
  ExportedRun run;
  run.run.key = {dag_id, id};
  run.run.state = state;
  run.run.logical_date = At(start);
  run.run.queued_at = At(start);
  run.run.start_date = At(start);
  run.run.end_date = At(start + seconds);
  run.tasks = {Row("first", start, start + 1), Row("t0", start + 1.5, start + 11.5),
               Row("t1", start + 2, start + 12)};
  run.attempts = {Started("first", "direct"), Started("t0", "cold"), Started("t1", "warm")};
  return run;
}

ResultSet Results(const std::string& name) {
  ResultSet set;
  set.system = name;
  set.source = "results/" + name;
  set.dags["10s_2t"] = Parallel("10s_2t", 2);
  set.runs = {RunOf("10s_2t", "r1", 0, 12), RunOf("10s_2t", "r2", 300, 14)};
  return set;
}

LabReport Made(const std::vector<ResultSet>& results, const Json& published = {}) {
  auto report = MakeReport(results, published);
  EXPECT_TRUE(report.ok());
  return *report;
}

TEST(MakeReport, SystemsMeetInOneGroup) {
  const LabReport report = Made({Results("serverless"), Results("mwaa")});
  ASSERT_EQ(report.groups.size(), 1U);
  EXPECT_EQ(report.groups[0].title, "parallel, 10 s tasks, warm");
  ASSERT_EQ(report.series.size(), 2U);
  EXPECT_EQ(report.series[0].system, "serverless");
  EXPECT_EQ(report.series[0].label, "2 tasks");
  EXPECT_EQ(*report.series[0].ideal, 10);
  EXPECT_EQ(report.series[1].system, "mwaa");
  EXPECT_TRUE(report.notes.empty());
}

TEST(MakeReport, MeasuresRunsAndTasks) {
  const LabReport report = Made({Results("serverless")});
  const ReportRun& run = report.series[0].runs[0];
  EXPECT_DOUBLE_EQ(*run.makespan, 12);
  EXPECT_DOUBLE_EQ(*run.critical_path, 11);
  EXPECT_DOUBLE_EQ(*run.overhead, 1);
  EXPECT_DOUBLE_EQ(*run.normalized_overhead, 1);  // two tasks long, two wide
  EXPECT_EQ(run.cold, 1U);
  EXPECT_EQ(run.attempts, 3U);
  ASSERT_EQ(run.tasks.size(), 3U);
  EXPECT_DOUBLE_EQ(*run.tasks[2].wait, 1);
  EXPECT_DOUBLE_EQ(*run.tasks[2].start, 2);
  EXPECT_TRUE(run.tasks[1].cold);
  EXPECT_FALSE(run.tasks[2].cold);
}

TEST(Summarize, FailedRunsAreCountedButNotMeasured) {
  ResultSet set = Results("serverless");
  set.runs.push_back(RunOf("10s_2t", "r3", 600, 90, RunState::kFailed));
  set.runs.push_back(RunOf("10s_2t", "r4", 900, 1, RunState::kRunning));
  set.runs[0].tasks[1].record.state = TaskState::kFailed;
  const LabReport report = Made({set});
  const SummaryRow row = Summarize(report, {}).at(0);
  EXPECT_EQ(row.runs, 2U);
  EXPECT_EQ(row.failed, 1U);
  EXPECT_EQ(row.unfinished, 1U);
  EXPECT_DOUBLE_EQ(row.makespan.median, 13);
  EXPECT_EQ(row.duration.count, 5U);
  EXPECT_EQ(row.cold, 2U);
}

TEST(Summarize, LeavesOutWhatIsExcluded) {
  const LabReport report = Made({Results("serverless")});
  const Exclusions exclusions{{"r2"}, {"first"}};
  EXPECT_TRUE(CheckExclusions(report, exclusions).ok());
  const SummaryRow row = Summarize(report, exclusions).at(0);
  EXPECT_EQ(row.runs, 1U);
  EXPECT_DOUBLE_EQ(row.makespan.median, 12);
  EXPECT_EQ(row.duration.count, 2U);
  EXPECT_DOUBLE_EQ(row.duration.median, 10);
}

TEST(CheckExclusions, NamesTheNearestId) {
  const LabReport report = Made({Results("serverless")});
  const Status status = CheckExclusions(report, {{}, {"frist"}});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message,
            "--exclude-task: no task of the results has the id 'frist'; did you mean 'first'?");
}

TEST(MakeReport, WithoutTheShapeWaitsAreUnknown) {
  ResultSet set = Results("mwaa");
  set.dags.clear();
  const LabReport report = Made({set});
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_NE(report.notes[0].find("mwaa: the shape of DAG '10s_2t' is unknown"), std::string::npos);
  const ReportRun& run = report.series[0].runs[0];
  EXPECT_FALSE(run.overhead.has_value());
  EXPECT_FALSE(run.tasks[0].wait.has_value());
  EXPECT_TRUE(run.tasks[0].duration.has_value());
  EXPECT_EQ(report.series[0].label, "2 tasks");  // as the DAG's id tells
}

TEST(MakeReport, TellsOfRunsWithoutTasks) {
  ResultSet set = Results("mwaa");
  set.runs[0].tasks.clear();
  const LabReport report = Made({set});
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_NE(report.notes[0].find("1 of 2 runs of DAG '10s_2t' have no task instances"),
            std::string::npos);
  EXPECT_FALSE(report.series[0].runs[0].overhead.has_value());
}

TEST(MakeReport, NothingToReportIsAnError) {
  ResultSet set = Results("mwaa");
  set.runs.clear();
  auto report = MakeReport({set}, {});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().message,
            "there is nothing to report: results/mwaa without any run; export again when runs "
            "have ended");
}

TEST(MakeReport, TheSameNameTwiceStaysApart) {
  ResultSet second = Results("serverless");
  second.source = "after/serverless";
  const LabReport report = Made({Results("serverless"), second});
  ASSERT_EQ(report.series.size(), 2U);
  EXPECT_EQ(report.series[1].system, "serverless #2");
  EXPECT_EQ(report.notes.at(0),
            "'serverless #2' is what after/serverless has under the name serverless");
}

TEST(MakeReport, ManyDagsOfAForestAreOneSeries) {
  ResultSet set;
  set.system = "serverless";
  for (const std::string id : {"10s_8t_forest_2_0", "10s_8t_forest_2_1"}) {
    set.dags[id] = Parallel(id, 2);
    set.runs.push_back(RunOf(id, "r1", 0, 12));
  }
  const LabReport report = Made({set});
  ASSERT_EQ(report.series.size(), 1U);
  EXPECT_EQ(report.series[0].label, "2 DAGs");
  EXPECT_EQ(report.series[0].runs.size(), 2U);
  EXPECT_EQ(report.series[0].runs[1].dag, 1U);
}

Json Published() {
  return Json::parse(R"({"source": "a paper", "task_seconds": 10, "parallel_warm": [
      {"n": 2, "serverless": {"makespan": 21.5, "task_duration": 12.25, "task_wait": 2.8},
       "mwaa": {"makespan": 20.3}, "from": "figure 9a"}],
      "alibaba": [{"job": "j_1", "serverless": {"makespan": 478}, "from": "text"}]})");
}

TEST(AddPublished, FindsItsGroup) {
  const LabReport report = Made({Results("serverless")}, Published());
  ASSERT_EQ(report.published.size(), 2U);
  EXPECT_EQ(report.published_source, "a paper");
  EXPECT_EQ(report.published[0].system, "serverless");
  EXPECT_EQ(report.published[0].label, "2 tasks");
  EXPECT_EQ(*report.published[0].task_wait, 2.8);
  EXPECT_EQ(report.published[1].system, "mwaa");
  EXPECT_FALSE(report.published[1].task_wait.has_value());
  EXPECT_EQ(report.published[1].from, "figure 9a");
}

TEST(AddPublished, OtherConditionsHaveNoReference) {
  EXPECT_TRUE(Made({Results("serverless_duration:1")}, Published()).published.empty());
  EXPECT_TRUE(Made({Results("serverless_cold")}, Published()).published.empty());
  EXPECT_TRUE(Made({Results("serverless_container")}, Published()).published.empty());
}

TEST(AddPublished, SaysWhatIsMissing) {
  auto report = MakeReport({Results("a")}, Json::object());
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error().message.find("a text 'source'"), std::string::npos);
}

TEST(ReportJson, HoldsWhatThePageDraws) {
  const LabReport report = Made({Results("serverless")}, Published());
  const Json json = ReportJson(report, {{"r2"}, {"first"}});
  EXPECT_EQ(json["groups"][0]["title"], "parallel, 10 s tasks, warm");
  const Json& series = json["series"][0];
  EXPECT_EQ(series["dags"][0]["tasks"], (Json{"first", "t0", "t1"}));
  EXPECT_EQ(series["dags"][0]["shape"]["parallelism"], 2);
  const Json& run = series["runs"][1];
  EXPECT_EQ(run["run_id"], "r2");
  EXPECT_EQ(run["makespan"], 14.0);
  EXPECT_EQ(run["start_date"], FormatIso(At(300)));
  EXPECT_EQ(run["tasks"]["wait"], (Json{0.0, 0.5, 1.0}));
  EXPECT_EQ(run["tasks"]["cold"], (Json{0, 1, 0}));
  EXPECT_EQ(json["published"][0]["from"], "figure 9a");
  EXPECT_EQ(json["excluded"], (Json{{"runs", {"r2"}}, {"tasks", {"first"}}}));
}

}  // namespace
}  // namespace beeflow
