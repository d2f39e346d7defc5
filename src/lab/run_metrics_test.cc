#include "lab/run_metrics.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

// a -> b -> d, a -> c -> d
std::shared_ptr<const Dag> Diamond() {
  const Json json = Json::parse(R"({"dag_id": "diamond", "tasks": [
      {"task_id": "d"}, {"task_id": "a", "downstream": ["b", "c"]},
      {"task_id": "b", "downstream": ["d"]}, {"task_id": "c", "downstream": ["d"]}]})");
  auto dag = DagFromJson(json);
  EXPECT_TRUE(dag.ok());
  return *dag;
}

Time At(double seconds) { return Time(Seconds(seconds)); }

TaskInfo Row(const std::string& id, double start, double end, int try_number = 1) {
  TaskInfo task;
  task.record.task_id = id;
  task.record.state = TaskState::kSuccess;
  task.record.try_number = try_number;
  task.record.start_date = At(start);
  task.record.end_date = At(end);
  return task;
}

RunRecord RunAt(double queued, double start, double end) {
  RunRecord run;
  run.queued_at = At(queued);
  run.start_date = At(start);
  run.end_date = At(end);
  return run;
}

TEST(MeasureRun, WaitsCountFromTheLatestUpstreamEnd) {
  const auto dag = Diamond();
  const RunMetrics m = MeasureRun(
      RunAt(9, 10, 20),
      {Row("a", 10.5, 12), Row("b", 12.25, 13), Row("c", 13, 18), Row("d", 18.5, 20)}, *dag);
  EXPECT_DOUBLE_EQ(*m.queued, 1);
  EXPECT_DOUBLE_EQ(*m.makespan, 10);
  EXPECT_DOUBLE_EQ(m.ideal, 1.5 + 5 + 1.5);
  ASSERT_EQ(m.tasks.size(), 4U);
  EXPECT_DOUBLE_EQ(*m.tasks[0].wait, 1.5);  // since the run was queued
  EXPECT_DOUBLE_EQ(*m.tasks[1].wait, 0.25);
  EXPECT_DOUBLE_EQ(*m.tasks[2].wait, 1);
  EXPECT_DOUBLE_EQ(*m.tasks[3].wait, 0.5);
  EXPECT_DOUBLE_EQ(m.wait.median, 0.75);
  EXPECT_DOUBLE_EQ(m.wait.max, 1.5);
  EXPECT_DOUBLE_EQ(m.duration.median, 1.5);
}

TEST(MeasureRun, OverheadIsWhatTheMakespanHasOverTheCriticalPath) {
  const RunMetrics m =
      MeasureRun(RunAt(0, 0, 12),
                 {Row("a", 0, 2), Row("b", 3, 7), Row("c", 7, 9), Row("d", 10, 12)}, *Diamond());
  EXPECT_DOUBLE_EQ(m.ideal, 8);
  EXPECT_EQ(m.path_tasks, 3U);
  EXPECT_EQ(m.parallelism, 2U);  // b and c, although they ran one after the other
  EXPECT_DOUBLE_EQ(*m.overhead, 4);
  EXPECT_DOUBLE_EQ(*m.normalized_overhead, 4.0 * 3 / 2);
}

TEST(MeasureRun, ParallelismIsThatOfTheIdealSchedule) {
  const auto dag = DagFromJson(Json::parse(R"({"dag_id": "two_chains", "tasks": [
      {"task_id": "a", "downstream": ["b"]}, {"task_id": "b"},
      {"task_id": "c", "downstream": ["d"]}, {"task_id": "d"}, {"task_id": "quick"}]})"));
  ASSERT_TRUE(dag.ok());
  // a and c meet, then b and c; d begins when b has ended. `quick` takes no time.
  const RunMetrics m = MeasureRun(
      RunAt(0, 0, 9),
      {Row("a", 0, 2), Row("b", 2, 4), Row("c", 0, 4), Row("d", 5, 9), Row("quick", 0, 0)}, **dag);
  EXPECT_EQ(m.parallelism, 2U);
  EXPECT_EQ(m.path_tasks, 2U);
  TaskInfo first = Row("c", 0, 1);
  TaskInfo second = Row("c", 1, 2);
  first.record.map_index = 0;
  second.record.map_index = 1;
  EXPECT_EQ(MeasureRun(RunAt(0, 0, 2), {Row("a", 0, 2), first, second}, **dag).parallelism, 3U);
}

TEST(MeasureRun, ATaskThatStartedBeforeItsRunWasQueuedAgainHasNoWait) {
  const RunMetrics m = MeasureRun(RunAt(5, 6, 9), {Row("a", 1, 2)}, *Diamond());
  EXPECT_FALSE(m.tasks[0].wait.has_value());
}

TEST(MeasureRun, RetriesAndTasksThatNeverStartedHaveNoWait) {
  const auto dag = Diamond();
  TaskInfo skipped;
  skipped.record.task_id = "b";
  const RunMetrics m = MeasureRun(RunAt(0, 0, 5), {Row("a", 3, 4, 2), skipped}, *dag);
  EXPECT_FALSE(m.tasks[0].wait.has_value());
  EXPECT_FALSE(m.tasks[1].wait.has_value());
  EXPECT_FALSE(m.tasks[1].duration.has_value());
  EXPECT_EQ(m.wait.count, 0U);
  EXPECT_DOUBLE_EQ(m.ideal, 1);
}

TEST(MeasureRun, AnEarlyStarterDoesNotWaitForLaterUpstreams) {
  const auto dag = Diamond();  // d starts after b, before c ends, as one_success would
  const RunMetrics m =
      MeasureRun(RunAt(0, 0, 9), {Row("b", 0, 2), Row("c", 0, 9), Row("d", 2.5, 3)}, *dag);
  EXPECT_DOUBLE_EQ(*m.tasks[2].wait, 0.5);
}

TEST(MeasureRun, MapIndicesCountWithTheSlowest) {
  const auto dag = Diamond();
  TaskInfo fast = Row("a", 0, 1);
  TaskInfo slow = Row("a", 0, 4);
  fast.record.map_index = 0;
  slow.record.map_index = 1;
  EXPECT_DOUBLE_EQ(MeasureRun(RunAt(0, 0, 4), {fast, slow}, *dag).ideal, 4);
}

TEST(MeasureRun, AnUnfinishedRunHasNoMakespan) {
  RunRecord run;
  run.queued_at = At(1);
  const RunMetrics m = MeasureRun(run, {}, *Diamond());
  EXPECT_FALSE(m.makespan.has_value());
  EXPECT_FALSE(m.queued.has_value());
}

TEST(Distribute, InterpolatesBetweenRanks) {
  const Distribution d = Distribute({4, 1, 3, 2});
  EXPECT_EQ(d.count, 4U);
  EXPECT_DOUBLE_EQ(d.median, 2.5);
  EXPECT_DOUBLE_EQ(d.p95, 3.85);
  EXPECT_DOUBLE_EQ(Distribute({7}).p95, 7);
  EXPECT_EQ(Distribute({}).count, 0U);
}

}  // namespace
}  // namespace beeflow
