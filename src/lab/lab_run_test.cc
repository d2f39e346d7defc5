#include "lab/lab_run.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace beeflow {
namespace {

constexpr Time kBegin = Time{} + std::chrono::hours(24 * 365);

class FakeTime : public LabTime {
 public:
  Time Now() override { return now; }
  void WaitUntil(Time moment) override {
    EXPECT_GT(moment, now) << "it would wait for nothing";
    now = std::max(now, moment);
    if (interrupt_at && now >= *interrupt_at) interrupted_ = true;
  }
  bool interrupted() const override { return interrupted_; }

  Time now = kBegin;
  std::optional<Time> interrupt_at;

 private:
  bool interrupted_ = false;
};

class OneTable : public ExportSource {
 public:
  explicit OneTable(std::vector<RunRecord> runs) : runs_(std::move(runs)) {}
  Status Export(const std::string& table, const std::function<Status(const Row&)>& visit) override {
    EXPECT_EQ(table, "dagrun");
    BEEFLOW_RETURN_IF_ERROR(visit({"run_id", "dag_id"}));
    for (const RunRecord& run : runs_) {
      BEEFLOW_RETURN_IF_ERROR(visit({run.key.run_id, run.key.dag_id}));
    }
    return Ok();
  }

 private:
  const std::vector<RunRecord> runs_;
};

// Runs take 10 s; one system is there at a time.
class FakeSystem : public LabSystem {
 public:
  FakeSystem(FakeTime* time, int* alive, bool fails)
      : time_(*time), alive_(*alive), fails_(fails) {}

  Status Start() override {
    EXPECT_EQ(alive_++, 0);
    return Ok();
  }
  Status Publish() override { return fails_ ? Status(Invalid("the DAG file is bad")) : Ok(); }
  Result<std::vector<std::string>> MissingDags() override { return std::vector<std::string>(); }
  Status SetPoolSlots(int) override { return Ok(); }
  Status SetPaused(const std::string&, bool) override { return Ok(); }
  Status Trigger(const RunKey& key) override {
    RunRecord run;
    run.key = key;
    run.end_date = time_.now + Seconds(10);
    runs_.push_back(run);
    return Ok();
  }
  Result<std::vector<RunRecord>> Runs() override {
    for (RunRecord& run : runs_) {
      if (run.end_date <= time_.now) run.state = RunState::kSuccess;
    }
    return runs_;
  }
  Result<bool> BecomeCold() override { return true; }
  Result<std::unique_ptr<ExportSource>> Export() override {
    return std::unique_ptr<ExportSource>(std::make_unique<OneTable>(runs_));
  }
  Status Delete() override {
    --alive_;
    return Ok();
  }
  Duration poll_interval() const override { return Seconds(1); }
  std::string version() const override { return "fake 1"; }

 private:
  FakeTime& time_;
  int& alive_;
  const bool fails_;
  std::vector<RunRecord> runs_;
};

class FakeResults : public LabResults {
 public:
  struct Folder {
    Json record;
    std::vector<std::string> runs;
  };
  explicit FakeResults(std::map<std::string, Folder>* folders) : folders_(*folders) {}

  Result<Json> Record(const std::string& system) override {
    const auto it = folders_.find(system);
    return it == folders_.end() ? Json() : it->second.record;
  }
  Status Save(const std::string& system, ExportSource* tables, const Json& record, Time) override {
    std::vector<std::string> runs;
    const Status read = tables->Export("dagrun", [&](const ExportSource::Row& row) -> Status {
      runs.push_back(*row[0]);
      return Ok();
    });
    runs.erase(runs.begin());
    folders_[system] = {record, runs};
    return read;
  }
  std::string Address(const std::string& system) const override { return "out/" + system; }

 private:
  std::map<std::string, Folder>& folders_;
};

class LabRunTest : public testing::Test, protected LabProgress {
 protected:
  LabRunTest() {
    file_ = *ParseExperiments(R"({
      "controllers": [{"controller_type": "serverless", "core": {"controller_id": "s"}},
                      {"controller_type": "mwaa", "core": {"controller_id": "m"}}],
      "experiments": [
        {"experiment_id": "one", "dags_local_path": "x", "dag_ids": ["a"], "runs": 2,
         "period_seconds": 20},
        {"experiment_id": "two", "dags_local_path": "x", "dag_ids": ["b"], "runs": 1,
         "period_seconds": 0, "start": "cold"}]})",
                              "x.json", false);
    parts_.time = &time_;
    parts_.progress = this;
    parts_.surroundings = {{"version", "1"}};
    parts_.open_results = [this](const Controller&) -> Result<std::unique_ptr<LabResults>> {
      return std::unique_ptr<LabResults>(std::make_unique<FakeResults>(&folders_));
    };
    parts_.open_system = [this](
                             const Controller& controller,
                             const Experiment& experiment) -> Result<std::unique_ptr<LabSystem>> {
      const std::string name = SystemName(controller, experiment);
      opened_.push_back(name);
      return std::unique_ptr<LabSystem>(
          std::make_unique<FakeSystem>(&time_, &alive_, failing_.contains(name)));
    };
  }
  ~LabRunTest() override { EXPECT_EQ(alive_, 0); }

  void Update(const LabStatus& status) override { status_.push_back(status); }
  void Ended(const TrialReport&) override {}

  // "s_one:finished ..."
  std::string Run() {
    opened_.clear();
    const auto reports = RunLab(file_, parts_);
    if (!reports.ok()) return reports.error().message;
    std::string text;
    for (const TrialReport& report : *reports) {
      text += (text.empty() ? "" : " ") + report.system + ":";
      switch (report.end) {
        case TrialEnd::kFinished:
          text += std::to_string(report.runs);
          break;
        case TrialEnd::kSkipped:
          text += "skipped";
          break;
        case TrialEnd::kFailed:
          text += report.error.error().message;
          break;
        case TrialEnd::kInterrupted:
          text += "interrupted";
      }
    }
    return text;
  }

  ExperimentFile file_;
  LabParts parts_;
  FakeTime time_;
  int alive_ = 0;
  std::set<std::string> failing_;
  std::map<std::string, FakeResults::Folder> folders_;
  std::vector<std::string> opened_;
  std::vector<LabStatus> status_;
};

TEST_F(LabRunTest, EverySystemRunsEveryExperiment) {
  EXPECT_EQ(Run(), "s_one:2 s_two:1 m_one:2 m_two:1");
  const FakeResults::Folder& folder = folders_.at("s_one");
  ASSERT_EQ(folder.runs.size(), 2U);
  EXPECT_TRUE(folder.runs[0].ends_with("__1")) << "the warm-up is exported";
  EXPECT_EQ(folder.record["system"], "s_one");
  EXPECT_EQ(folder.record["version"], "1");
  EXPECT_EQ(folder.record["system_version"], "fake 1");
  EXPECT_EQ(folder.record["experiment"]["experiment_id"], "one");
  EXPECT_EQ(folder.record["controller"]["controller_type"], "serverless");
  EXPECT_EQ(folder.record["runs"].size(), 2U);
}

TEST_F(LabRunTest, FinishedTrialsAreSkipped) {
  Run();
  EXPECT_EQ(Run(), "s_one:skipped s_two:skipped m_one:skipped m_two:skipped");
  EXPECT_TRUE(opened_.empty());
}

TEST_F(LabRunTest, AFailingTrialDoesNotStopTheRestAndIsTriedAgain) {
  failing_ = {"s_two"};
  EXPECT_EQ(Run(), "s_one:2 s_two:the DAG file is bad m_one:2 m_two:1");
  EXPECT_FALSE(folders_.contains("s_two"));
  failing_.clear();
  EXPECT_EQ(Run(), "s_one:skipped s_two:1 m_one:skipped m_two:skipped");
}

TEST_F(LabRunTest, AfterAnInterruptionItGoesOnWhereItWas) {
  time_.interrupt_at = kBegin + Seconds(75);
  EXPECT_EQ(Run(), "s_one:2 s_two:1 m_one:interrupted");
  EXPECT_EQ(alive_, 0);
  EXPECT_EQ(folders_.size(), 2U);
  FakeTime later;
  later.now = time_.now;
  time_ = later;
  EXPECT_EQ(Run(), "s_one:skipped s_two:skipped m_one:2 m_two:1");
}

TEST_F(LabRunTest, ResultsOfAnotherDefinitionAreKept) {
  Run();
  file_.experiments[1].definition["runs"] = 7;
  EXPECT_EQ(Run(),
            "out/s_two has results of an experiment that was defined otherwise; choose "
            "another --out, or replace them with --again");
  EXPECT_TRUE(opened_.empty());
  parts_.again = true;
  EXPECT_EQ(Run(), "s_one:2 s_two:1 m_one:2 m_two:1");
}

TEST_F(LabRunTest, WhereResultsCannotBeReachedNothingBegins) {
  parts_.open_results = [](const Controller&) -> Result<std::unique_ptr<LabResults>> {
    return Unavailable("s3://bucket refuses");
  };
  EXPECT_EQ(Run(), "s3://bucket refuses");
  EXPECT_TRUE(opened_.empty());
}

TEST_F(LabRunTest, TheRemainingTimeShrinks) {
  Run();
  ASSERT_FALSE(status_.empty());
  EXPECT_EQ(status_[0].number, 1U);
  EXPECT_EQ(status_[0].count, 4U);
  EXPECT_NEAR(ToSeconds(status_[0].remaining), 2 * (3 * 20 + 15), 30);
  EXPECT_LT(ToSeconds(status_.back().remaining), 10);
}

}  // namespace
}  // namespace beeflow
