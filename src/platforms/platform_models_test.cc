// What each platform's model does with small DAGs: the real scheduler decides, the model takes
// time.
#include <gtest/gtest.h>

#include "lab/run_metrics.h"
#include "lab/sleep_seconds.h"
#include "platforms/dag_shapes.h"
#include "platforms/simulated_system.h"

namespace beeflow {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2023) / 3 / 1));
constexpr const char* kNever = "0 0 1 1 *";

struct Outcome {
  SimulationResult result;
  std::vector<RunMetrics> runs;
};

// Runs of the file's DAGs at the given times.
Outcome RunOn(const PlatformOptions& platform, const std::vector<ParsedFile>& files,
              const std::vector<Duration>& times) {
  SimulationOptions options;
  options.platform = platform;
  options.files = files;
  options.task_seconds = [](const Dag& dag, TaskIndex task) {
    return SleepSeconds(dag.tasks[task]).value_or(0);
  };
  // The run that a schedule owes when time begins does not count.
  options.start = kStart - hours(2);
  options.counts_from = kStart;
  options.end = kStart + hours(24);
  options.give_up = kStart + hours(48);
  for (const Duration time : times) {
    for (const ParsedFile& file : files) {
      for (const ParsedDag& dag : file.dags) options.runs.push_back({kStart + time, dag.dag->id});
    }
  }
  Outcome out;
  out.result = SimulateSystem(options).value();
  for (const ExportedRun& run : out.result.results.runs) {
    EXPECT_EQ(run.run.state, RunState::kSuccess);
    const Dag& dag = *out.result.results.dags.at(run.run.key.dag_id);
    out.runs.push_back(MeasureRun(run.run, run.tasks, dag));
  }
  return out;
}

// The start types of a run's attempts, in the order of their ends.
std::vector<std::string> StartTypes(const Outcome& outcome, size_t run) {
  std::vector<std::string> out;
  for (const AttemptInfo& attempt : outcome.result.results.runs.at(run).attempts) {
    out.push_back(attempt.usage.start_type);
  }
  return out;
}

TEST(SairflowModelTest, FunctionsAreColdAtFirstAndStayWarmForAWhile) {
  SairflowOptions options;
  const Outcome chain =
      RunOn(options, {ChainDag("one", 1, 10, kNever)}, {minutes(0), minutes(5), minutes(5 + 40)});
  ASSERT_EQ(chain.runs.size(), 3u);
  EXPECT_EQ(StartTypes(chain, 0), std::vector<std::string>{"cold"});
  EXPECT_EQ(StartTypes(chain, 1), std::vector<std::string>{"warm"});
  EXPECT_EQ(StartTypes(chain, 2), std::vector<std::string>{"cold"}) << "idle for too long";
  EXPECT_GT(chain.runs[0].wait.median, options.cold_seconds_min);
  EXPECT_LT(chain.runs[1].wait.median, 3);
  EXPECT_EQ(chain.result.workers_peak, 1);
}

TEST(SairflowModelTest, AHopOfAChainIsTwoHopsOfDataCapture) {
  const Outcome chain = RunOn(SairflowOptions(), {ChainDag("two", 2, 10, kNever)}, {minutes(0)});
  const double wait = chain.runs.at(0).tasks.at(1).wait.value();
  EXPECT_GT(wait, 2.5);
  EXPECT_LT(wait, 3.5);
}

TEST(SairflowModelTest, ManyTasksAtOnceStretchEachOther) {
  const auto duration = [](int tasks) {
    return RunOn(SairflowOptions(), {ParallelDag("many", tasks, 10, kNever)}, {minutes(0)})
        .runs.at(0)
        .duration.median;
  };
  EXPECT_DOUBLE_EQ(duration(10), duration(30)) << "the database has room for so many";
  EXPECT_GT(duration(120), duration(60) + 1);
}

TEST(SairflowModelTest, WhatDoesNotFitAFunctionRunsInAContainer) {
  const Outcome asked =
      RunOn(SairflowOptions(), {ChainDag("boxed", 1, 10, kNever, true)}, {minutes(0)});
  EXPECT_EQ(StartTypes(asked, 0), std::vector<std::string>{"container"});
  EXPECT_GT(asked.runs.at(0).wait.median, 90);
  const Outcome lengthy =
      RunOn(SairflowOptions(), {ChainDag("long", 1, 1000, kNever)}, {minutes(0)});
  EXPECT_EQ(StartTypes(lengthy, 0), std::vector<std::string>{"container"}) << "over 15 minutes";
}

TEST(MwaaModelTest, OneWorkerRunsFiveTasksAtATimeAndNewOnesComeMinutesLater) {
  const Outcome small = RunOn(MwaaOptions(), {ParallelDag("small", 5, 10, kNever)}, {minutes(0)});
  EXPECT_EQ(small.result.workers_peak, 1);
  EXPECT_LT(*small.runs.at(0).makespan, 40);
  const Outcome large = RunOn(MwaaOptions(), {ParallelDag("large", 60, 60, kNever)}, {minutes(0)});
  EXPECT_GT(large.result.workers_peak, 5);
  EXPECT_LE(large.result.workers_peak, 12) << "60 tasks want 12 workers";
  int before_new_workers = 0;
  for (const TaskMetrics& task : large.runs.at(0).tasks) {
    before_new_workers += task.wait.value_or(0) < 230 ? 1 : 0;
  }
  EXPECT_LE(before_new_workers, 5 * 4 + 1) << "five a minute";
}

TEST(MwaaModelTest, TasksOfOneWorkerShareItsProcessor) {
  MwaaOptions options;
  options.max_workers = 1;
  const auto wait = [&options](int tasks) {
    return RunOn(options, {ParallelDag("some", tasks, 10, kNever)}, {minutes(0)})
        .runs.at(0)
        .wait.max;
  };
  EXPECT_GT(wait(5), wait(1) + 3 * options.start_work_seconds);
  options.worker_processors = 8;
  EXPECT_LT(wait(5), 5);
}

TEST(BeeflowModelTest, TakesWhatTheBenchmarksMeasure) {
  const Outcome wide =
      RunOn(BeeflowOptions(), {ParallelDag("wide", 125, 10, kNever)}, {minutes(0)});
  EXPECT_GT(*wide.runs.at(0).makespan, 10.1);
  EXPECT_LT(*wide.runs.at(0).makespan, 10.5);
  const Outcome chain = RunOn(BeeflowOptions(), {ChainDag("hops", 10, 1, kNever)}, {minutes(0)});
  EXPECT_LT(chain.runs.at(0).wait.median, 0.003);
}

TEST(SimulatedSystemTest, SchedulesAndLimitsAreTheRealOnes) {
  SimulationOptions options;
  options.platform = BeeflowOptions();
  options.files = {ChainDag("hourly", 1, 2 * 3600, "0 * * * *")};  // max_active_runs is 1
  options.task_seconds = [](const Dag&, TaskIndex) { return 2 * 3600.0; };
  options.start = kStart - hours(24);
  options.counts_from = kStart;
  options.end = kStart + hours(24);
  options.give_up = options.end + hours(24);
  const SimulationResult result = SimulateSystem(options).value();
  EXPECT_NEAR(static_cast<double>(result.results.runs.size()), 12, 1)
      << "each takes two hours, and they do not overlap";
  EXPECT_EQ(result.unfinished_runs, 0);
}

TEST(SimulatedSystemTest, GivesUpOnWhatTakesTooLong) {
  SimulationOptions options;
  options.platform = BeeflowOptions();
  options.files = {ChainDag("endless", 1, 10, kNever)};
  options.task_seconds = [](const Dag&, TaskIndex) { return 1e6; };
  options.start = options.counts_from = kStart;
  options.end = kStart + hours(1);
  options.give_up = kStart + hours(2);
  options.runs = {{kStart + minutes(1), "endless"}};
  const SimulationResult result = SimulateSystem(options).value();
  EXPECT_GE(result.unfinished_runs, 1);
}

TEST(SimulatedSystemTest, AMissingDagIsNamed) {
  SimulationOptions options;
  options.runs = {{kStart, "nobody"}};
  options.start = options.counts_from = kStart;
  options.end = options.give_up = kStart + hours(1);
  const auto result = SimulateSystem(options);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("nobody"), std::string::npos) << result.error().message;
}

}  // namespace
}  // namespace beeflow
