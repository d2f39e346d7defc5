#include "platforms/forecast.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "blob/local_blob_store.h"
#include "lab/export_files.h"
#include "platforms/dag_shapes.h"
#include "platforms/simulated_export.h"
#include "platforms/task_durations.h"

namespace beeflow {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2023) / 3 / 1));

SimulationResult Simulate(SimulationOptions options) {
  options.task_seconds = [](const Dag& dag, TaskIndex task) {
    return TaskDurations({}, {}).Seconds(dag, task);
  };
  return SimulateSystem(options).value();
}

Experiment WarmExperiment() {
  Experiment out;
  out.id = "warm";
  out.runs = 3;
  out.period = minutes(5);
  out.start = StartKind::kWarm;
  return out;
}

TEST(ForecastTest, AWeekHasTheRunsOfItsSchedule) {
  const auto files = ChosenDags({ChainDag("six_hourly", 2, 10, "0 */6 * * *")}, {}, "here").value();
  const SimulationResult result = Simulate(WeekOf(BeeflowOptions(), files, kStart, 7));
  const std::vector<DagForecast> dags = Summarize(result);
  ASSERT_EQ(dags.size(), 1u);
  EXPECT_EQ(dags[0].runs, 7u * 4);
  EXPECT_NEAR(dags[0].makespan.median, 20, 0.1);
}

TEST(ForecastTest, EachPlatformHasItsOwnDefaultPool) {
  EXPECT_EQ(WeekOf(BeeflowOptions(), {}, kStart, 1).default_pool_slots, 1024);
  EXPECT_EQ(WeekOf(MwaaOptions(), {}, kStart, 1).default_pool_slots, 128);
}

TEST(ForecastTest, DagsAreChosenByIdAndMissingOnesNamed) {
  const std::vector<ParsedFile> files = {ChainDag("a", 1, 1, "@daily"),
                                         ChainDag("b", 1, 1, "@daily")};
  EXPECT_EQ(ChosenDags(files, {"b"}, "dags").value().size(), 1u);
  const auto missing = ChosenDags(files, {"c"}, "dags");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message, "dags has no DAG c; it has a, b");
  EXPECT_FALSE(ChosenDags({}, {}, "dags").ok());
}

TEST(ForecastTest, AnExperimentRunsOnTheModelsOfItsController) {
  Controller ours;
  ours.id = "serverless";
  Controller mwaa;
  mwaa.type = ControllerType::kMwaa;
  mwaa.id = "mwaa";
  mwaa.pool_model.min_workers = 20;
  const auto files = ChosenDags({ParallelDag("p", 4, 10, "*/5 * * * *")}, {}, "here").value();
  EXPECT_EQ(TrialsOf(ours, WarmExperiment(), files, kStart).size(), 2u);
  const std::vector<SimulatedTrial> trials = TrialsOf(mwaa, WarmExperiment(), files, kStart);
  ASSERT_EQ(trials.size(), 1u);
  EXPECT_EQ(trials[0].system, "mwaa-model_warm");
  SimulationResult result = Simulate(trials[0].options);
  Trim(trials[0], &result);
  ASSERT_EQ(result.results.runs.size(), 3u) << "the first warms up";
  EXPECT_EQ(*result.results.runs[0].run.queued_at, kStart + minutes(5));
  Controller airflow;
  airflow.type = ControllerType::kAirflow;
  EXPECT_TRUE(TrialsOf(airflow, WarmExperiment(), files, kStart).empty());
}

TEST(ForecastTest, ColdRunsAreHalfAnHourApart) {
  Experiment cold = WarmExperiment();
  cold.start = StartKind::kCold;
  cold.runs = 2;
  const auto files = ChosenDags({ChainDag("c", 1, 10, "@daily")}, {}, "here").value();
  const std::vector<SimulatedTrial> trials = TrialsOf(Controller(), cold, files, kStart);
  const SimulationResult result = Simulate(trials.at(1).options);
  ASSERT_EQ(result.results.runs.size(), 2u);
  for (const ExportedRun& run : result.results.runs) {
    EXPECT_EQ(run.attempts.at(0).usage.start_type, "cold");
  }
}

TEST(ForecastTest, AnExportOfASimulationIsReadLikeAnyOther) {
  const auto files = ChosenDags({ParallelDag("p", 3, 10, "0 * * * *")}, {}, "here").value();
  const SimulationResult result = Simulate(WeekOf(SairflowOptions(), files, kStart, 1));
  const std::string folder = testing::TempDir() + "beeflow-simulated-export";
  std::filesystem::remove_all(folder);
  SimulatedExport source(&result.results);
  LocalBlobStore store(folder);
  const auto ignore = [](const std::string&) {};
  ASSERT_TRUE(WriteExport(&source, &store, "sairflow-aws-model", kStart, ignore).ok());
  const std::vector<ResultSet> read = ReadResults(folder).value();
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].system, "sairflow-aws-model");
  ASSERT_EQ(read[0].runs.size(), result.results.runs.size());
  EXPECT_EQ(read[0].dags.at("p")->tasks.size(), 4u);
  SimulationResult again;
  again.results = read[0];
  EXPECT_NEAR(Summarize(again)[0].makespan.median, Summarize(result)[0].makespan.median, 1e-6);
  EXPECT_NEAR(Summarize(again)[0].task_wait.median, Summarize(result)[0].task_wait.median, 1e-6);
  EXPECT_EQ(read[0].runs[0].attempts.size(), 4u);
  std::filesystem::remove_all(folder);
}

TEST(TaskDurationsTest, HistoryComesBeforeCommandsBeforeGuesses) {
  const ParsedFile file = ParallelDag("p", 2, 10, "@daily");
  ResultSet history;
  for (const double seconds : {3.0, 5.0, 100.0}) {
    TaskInfo task;
    task.record.task_id = "runme_0";
    task.record.state = TaskState::kSuccess;
    task.duration = seconds;
    ExportedRun run;
    run.run.key = {"p", "run"};
    run.tasks = {task};
    history.runs.push_back(run);
  }
  history.runs[2].tasks[0].record.state = TaskState::kFailed;
  const TaskDurations durations({history}, {7, 8});
  const Dag& dag = *file.dags[0].dag;
  EXPECT_EQ(durations.Seconds(dag, *dag.Find("runme_0")), 4) << "failures do not count";
  EXPECT_EQ(durations.Seconds(dag, *dag.Find("runme_1")), 10);
  EXPECT_EQ(durations.Seconds(dag, *dag.Find("run_before_loop")), 7);
  const TaskDurations::Sources sources = durations.Count({file});
  EXPECT_EQ(sources.history, 1);
  EXPECT_EQ(sources.commands, 1);
  EXPECT_EQ(sources.guesses, 1);
}

TEST(PlatformNamedTest, UnknownNamesAreRefused) {
  EXPECT_TRUE(PlatformNamed("mwaa").ok());
  const auto unknown = PlatformNamed("composer");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message,
            "there is no model of 'composer'; choose mwaa, sairflow-aws or beeflow");
}

}  // namespace
}  // namespace beeflow
