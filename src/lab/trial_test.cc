#include "lab/trial.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace beeflow {
namespace {

constexpr Time kBegin = Time{} + std::chrono::hours(24 * 365);

// A system that is nothing but a clock and runs, each of which takes as long as it is told.
class FakeTrial {
 public:
  explicit FakeTrial(const Experiment& experiment)
      : trial_(experiment, Seconds(60), "lab__x"), experiment_(experiment) {}

  // Carries out steps until it is done, or `until` is one of them; returns the names of all that
  // changed something.
  std::string Run(std::optional<StepKind> until = std::nullopt) {
    std::string done;
    for (int i = 0; i < 10'000; ++i) {
      const Step step = trial_.Next(now_);
      if (step.kind == StepKind::kDone || step.kind == until) return done;
      const std::string name = CarryOut(step);
      if (!name.empty()) done += (done.empty() ? "" : " ") + name;
    }
    return done + " and so on";
  }

  Trial& trial() { return trial_; }
  std::vector<std::pair<std::string, double>> triggered() const { return triggered_; }

  Duration run_time = Seconds(10);
  Duration cooling_time{};  // from the end of the last run
  Time dags_appear = kBegin;
  std::optional<StepKind> fails_at;  // with "no luck"
  std::optional<StepKind> interrupted_at;
  std::vector<RunRecord> others;  // runs that nobody here triggered

 private:
  std::string CarryOut(const Step& step) {
    if (interrupted_at == step.kind) {
      interrupted_at.reset();
      trial_.Interrupt();
      return "interrupted";
    }
    if (fails_at == step.kind) {
      trial_.OnFailed(Unavailable("no luck"));
      return "failed";
    }
    switch (step.kind) {
      case StepKind::kFindDags:
        trial_.OnMissingDags(
            now_ >= dags_appear ? std::vector<std::string>{} : std::vector<std::string>{"a"}, now_);
        return "";
      case StepKind::kFindRuns:
        trial_.OnRuns(Runs(), now_);
        return "";
      case StepKind::kBecomeCold:
        trial_.OnCold(now_ >= last_end_ + cooling_time);
        return "";
      case StepKind::kWait:
        now_ = std::min(step.until.value_or(Time::max()), now_ + Seconds(1));
        trial_.OnDone(now_);
        return "";
      default:
        break;
    }
    if (step.kind == StepKind::kTrigger) Trigger(step.run);
    trial_.OnDone(now_);
    return Name(step);
  }

  void Trigger(const RunKey& key) {
    triggered_.emplace_back(key.dag_id + "/" + key.run_id, ToSeconds(now_ - kBegin));
    RunRecord run;
    run.key = key;
    run.start_date = now_;
    run.end_date = last_end_ = now_ + run_time;
    runs_.push_back(run);
  }

  std::vector<RunRecord> Runs() const {
    std::vector<RunRecord> runs = others;
    runs.insert(runs.end(), runs_.begin(), runs_.end());
    for (RunRecord& run : runs) {
      run.state = *run.end_date <= now_ ? RunState::kSuccess : RunState::kRunning;
    }
    std::erase_if(runs, [this](const RunRecord& run) { return *run.start_date > now_; });
    return runs;
  }

  static std::string Name(const Step& step) {
    switch (step.kind) {
      case StepKind::kStart:
        return "start";
      case StepKind::kPublish:
        return "publish";
      case StepKind::kSetPool:
        return "pool";
      case StepKind::kUnpause:
        return "unpause:" + step.run.dag_id;
      case StepKind::kPause:
        return "pause:" + step.run.dag_id;
      case StepKind::kTrigger:
        return "trigger:" + step.run.dag_id;
      case StepKind::kExport:
        return "export";
      case StepKind::kDelete:
        return "delete";
      default:
        return "?";
    }
  }

  Trial trial_;
  const Experiment experiment_;
  Time now_ = kBegin;
  Time last_end_ = kBegin;
  std::vector<RunRecord> runs_;
  std::vector<std::pair<std::string, double>> triggered_;
};

Experiment Triggered(StartKind start, int runs, double period,
                     std::vector<std::string> dag_ids = {"a"}) {
  Experiment experiment;
  experiment.id = "x";
  experiment.dags_path = "dags/a.py";
  experiment.dag_ids = std::move(dag_ids);
  experiment.runs = runs;
  experiment.period = Seconds(period);
  experiment.start = start;
  return experiment;
}

std::vector<std::string> Recorded(const Trial& trial) {
  std::vector<std::string> ids;
  for (const RunRecord& run : trial.recorded())
    ids.push_back(run.key.dag_id + "/" + run.key.run_id);
  return ids;
}

TEST(Trial, AWarmOneIsPrecededByARunThatIsNotRecorded) {
  FakeTrial fake(Triggered(StartKind::kWarm, 2, 30));
  EXPECT_EQ(fake.Run(),
            "start publish pool unpause:a trigger:a trigger:a trigger:a pause:a export "
            "delete");
  EXPECT_EQ(fake.triggered(), (std::vector<std::pair<std::string, double>>{
                                  {"a/lab__x__0", 0}, {"a/lab__x__1", 30}, {"a/lab__x__2", 60}}));
  EXPECT_EQ(Recorded(fake.trial()), (std::vector<std::string>{"a/lab__x__1", "a/lab__x__2"}));
  EXPECT_TRUE(fake.trial().outcome().ok());
  EXPECT_TRUE(fake.trial().exported());
}

TEST(Trial, ALongRunDelaysTheNext) {
  FakeTrial fake(Triggered(StartKind::kWarm, 1, 5));
  fake.run_time = Seconds(12);
  fake.Run();
  EXPECT_EQ(fake.triggered()[1].second, 12);
}

TEST(Trial, AColdOneWaitsForTheEnvironmentsToEnd) {
  FakeTrial fake(Triggered(StartKind::kCold, 2, 5));
  fake.cooling_time = Seconds(7);
  fake.Run();
  EXPECT_EQ(fake.triggered(), (std::vector<std::pair<std::string, double>>{
                                  {"a/lab__x__0", 7}, {"a/lab__x__1", 7 + 10 + 7}}));
  EXPECT_EQ(fake.trial().recorded().size(), 2U);
}

TEST(Trial, AllDagsOfARoundAreTriggeredTogether) {
  FakeTrial fake(Triggered(StartKind::kCold, 1, 30, {"a", "b"}));
  EXPECT_EQ(fake.Run(),
            "start publish pool unpause:a unpause:b trigger:a trigger:b pause:a pause:b "
            "export delete");
  EXPECT_EQ(fake.triggered()[1].second, fake.triggered()[0].second);
  EXPECT_EQ(fake.trial().runs_expected(), 2);
}

TEST(Trial, RunsOfTheScheduleAreWaitedForAndNotRecorded) {
  FakeTrial fake(Triggered(StartKind::kCold, 1, 30));
  RunRecord other;
  other.key = {"a", "scheduled__1"};
  other.start_date = kBegin;
  other.end_date = kBegin + Seconds(20);
  fake.others = {other};
  fake.Run();
  EXPECT_EQ(fake.triggered()[0].second, 20);
  EXPECT_EQ(Recorded(fake.trial()), (std::vector<std::string>{"a/lab__x__0"}));
}

Experiment BySchedule(std::optional<int> runs, std::optional<double> seconds) {
  Experiment experiment = Triggered(StartKind::kWarm, 1, 0);
  experiment.period.reset();
  experiment.runs = runs;
  if (seconds) experiment.collection_time = Seconds(*seconds);
  return experiment;
}

std::vector<RunRecord> EveryMinute(int count) {
  std::vector<RunRecord> runs;
  for (int i = 0; i < count; ++i) {
    RunRecord run;
    run.key = {"a", "scheduled__" + std::to_string(i)};
    run.start_date = kBegin + Seconds(60.0 * i);
    run.end_date = *run.start_date + Seconds(10);
    runs.push_back(run);
  }
  return runs;
}

TEST(Trial, ByTheScheduleForATimeAllButTheFirstRunThatHaveEndedCount) {
  FakeTrial fake(BySchedule(std::nullopt, 185));
  fake.others = EveryMinute(9);
  EXPECT_EQ(fake.Run(), "start publish pool unpause:a pause:a export delete");
  EXPECT_EQ(Recorded(fake.trial()),
            (std::vector<std::string>{"a/scheduled__1", "a/scheduled__2"}));  // 3 still runs
}

TEST(Trial, ByTheScheduleANumberOfRunsIsEnough) {
  FakeTrial fake(BySchedule(2, std::nullopt));
  fake.others = EveryMinute(9);
  fake.Run();
  EXPECT_EQ(fake.trial().recorded().size(), 2U);
  EXPECT_TRUE(fake.trial().outcome().ok());
}

TEST(Trial, NoRunInTimeIsAFailure) {
  FakeTrial fake(BySchedule(std::nullopt, 30));
  EXPECT_EQ(fake.Run(), "start publish pool unpause:a delete");
  EXPECT_EQ(fake.trial().outcome().error().message,
            "no run has ended within 30 s; metrics_collection_time_seconds gives more time");
}

TEST(Trial, DagsThatDoNotAppearAreNamed) {
  FakeTrial fake(Triggered(StartKind::kCold, 1, 0));
  fake.dags_appear = kBegin + Seconds(61);
  EXPECT_EQ(fake.Run(), "start publish delete");
  EXPECT_EQ(fake.trial().outcome().error().message,
            "DAG a not there 60 s after dags/a.py was published; does it define it?");
}

TEST(Trial, DagsMayTakeTheirTime) {
  FakeTrial fake(Triggered(StartKind::kCold, 1, 0));
  fake.dags_appear = kBegin + Seconds(50);
  fake.Run();
  EXPECT_TRUE(fake.trial().outcome().ok());
}

class FailingTrial : public testing::TestWithParam<StepKind> {};

TEST_P(FailingTrial, IsTakenAwayAndTellsWhy) {
  FakeTrial fake(Triggered(StartKind::kCold, 1, 0));
  fake.fails_at = GetParam();
  const std::string done = fake.Run();
  EXPECT_TRUE(done.ends_with(GetParam() == StepKind::kDelete ? "failed" : "failed delete")) << done;
  EXPECT_EQ(fake.trial().outcome().error().message, "no luck");
  EXPECT_EQ(fake.trial().exported(), GetParam() == StepKind::kDelete);
}

TEST_P(FailingTrial, IsTakenAwayWhenInterrupted) {
  FakeTrial fake(Triggered(StartKind::kCold, 1, 0));
  fake.interrupted_at = GetParam();
  const std::string done = fake.Run();
  EXPECT_TRUE(done.ends_with("delete")) << done;
  // From the export on it is quicker to end than to begin anew.
  const bool late = GetParam() == StepKind::kExport || GetParam() == StepKind::kDelete;
  EXPECT_EQ(fake.trial().interrupted(), !late);
  EXPECT_EQ(fake.trial().exported(), late);
  EXPECT_TRUE(fake.trial().outcome().ok());
}

INSTANTIATE_TEST_SUITE_P(AtEveryStep, FailingTrial,
                         testing::Values(StepKind::kStart, StepKind::kPublish, StepKind::kFindDags,
                                         StepKind::kSetPool, StepKind::kUnpause,
                                         StepKind::kFindRuns, StepKind::kBecomeCold,
                                         StepKind::kTrigger, StepKind::kWait, StepKind::kPause,
                                         StepKind::kExport, StepKind::kDelete));

TEST(Trial, TellsWhenItEnds) {
  FakeTrial fake(Triggered(StartKind::kWarm, 2, 30));
  const double at_first = ToSeconds(fake.trial().EstimateEnd(kBegin) - kBegin);
  EXPECT_NEAR(at_first, 3 * 30, 10);
  fake.Run(StepKind::kPause);
  EXPECT_LT(ToSeconds(fake.trial().EstimateEnd(kBegin + Seconds(70)) - kBegin), 75);
}

}  // namespace
}  // namespace beeflow
