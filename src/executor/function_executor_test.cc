// The executor with real worker processes.
#include "executor/function_executor.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "os/event_loop_for_test.h"
#include "os/lock_file.h"
#include "os/process.h"
#include "os/system_clock.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

class FunctionExecutorTest : public testing::Test {
 protected:
  ~FunctionExecutorTest() override {
    executor_.reset();
    if (const auto holder = LockFile::Holder(Lock()); holder && LockFile::IsHeld(Lock())) {
      kill(*holder, SIGKILL);
      Wait([this] { return !LockFile::IsHeld(Lock()); });
    }
  }

  std::string Lock() const { return temp_ / "worker.lock"; }
  WorkerChannelOptions Options() const {
    WorkerChannelOptions options;
    options.socket_path = temp_ / "attempts.sock";
    options.lock_path = Lock();
    options.worker_argv = {WORKER_PROCESS, "home=" + temp_.path(), "python_path=" PYTHON_PATH,
                           "keep_alive_ms=" + keep_alive_ms_};
    options.worker_log = temp_ / "worker.log";
    options.hang_limit = hang_limit_;
    return options;
  }

  Result<std::unique_ptr<FunctionExecutor>> Make(const WorkerChannelOptions& options) {
    FunctionExecutor::Callbacks callbacks;
    callbacks.on_report = [this](NumberedReport report) {
      if (acknowledge_) executor_->Acknowledge({report.number});
      reports_.push_back(std::move(report));
    };
    callbacks.on_request = [](const std::string& method, const Json& params, auto respond) {
      if (method != "variable_get") return respond(Invalid("no such method: " + method));
      respond(Json("value of " + params.value("key", "")));
    };
    return FunctionExecutor::Listen(io_, clock_, options, std::move(callbacks));
  }

  // As a new control process: nothing of the former one is left but the worker.
  void Listen() {
    executor_.reset();
    reports_.clear();
    auto executor = Make(Options());
    ASSERT_TRUE(executor.ok()) << executor.error().message;
    executor_ = std::move(*executor);
  }

  Attempt Bash(AttemptId id, const std::string& command) const {
    const Json task = {{"task_id", "t"}, {"run", {{"kind", "bash"}, {"command", command}}}};
    Attempt attempt;
    attempt.id = id;
    attempt.dag =
        DagFromJson({{"version", 1}, {"dag_id", "d"}, {"tasks", Json::array({task})}}).value();
    attempt.run.key = {"d", "r" + std::to_string(id)};
    attempt.try_number = 1;
    attempt.file = temp_ / "d.py";
    attempt.dag_hash = "h";
    return attempt;
  }

  // Runs until it is told to: by WriteGo.
  Attempt Blocked(AttemptId id) const {
    const std::string gate = temp_ / "gate";
    mkfifo(gate.c_str(), 0600);
    return Bash(id, "read -r line < " + gate);
  }
  void Open() {
    const int gate = open((temp_ / "gate").c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(write(gate, "\n", 1), 1);
    gates_.emplace_back(gate);  // kept, so that the line stays in the pipe
  }

  bool Wait(const std::function<bool()>& condition) { return RunUntil(io_, condition); }

  std::optional<Report> Find(AttemptId id, bool ended) const {
    for (const NumberedReport& numbered : reports_) {
      const Report& report = numbered.report;
      const bool fits = report.attempt == id && (report.outcome != Outcome::kRunning) == ended;
      if (fits) return report;
    }
    return std::nullopt;
  }
  Report WaitForReport(AttemptId id, bool ended) {
    Wait([&] { return Find(id, ended).has_value(); });
    EXPECT_TRUE(Find(id, ended)) << id;
    return Find(id, ended).value_or(Report());
  }
  Report WaitForEnd(AttemptId id) { return WaitForReport(id, true); }
  void WaitForRunning(AttemptId id) { WaitForReport(id, false); }

  // SIGKILL to the worker, or to its guard.
  void KillWorker() {
    const pid_t guard = LockFile::Holder(Lock()).value();
    kill(guard, SIGKILL);
  }

  asio::io_context io_;
  SystemClock clock_;
  TempFolder temp_;
  std::string keep_alive_ms_ = "300000";
  Duration hang_limit_ = Seconds(60);
  std::unique_ptr<FunctionExecutor> executor_;
  std::vector<NumberedReport> reports_;
  std::vector<UniqueFd> gates_;
  bool acknowledge_ = true;
};

TEST_F(FunctionExecutorTest, StartsAWorkerOnDemandAndReports) {
  Listen();
  EXPECT_FALSE(LockFile::IsHeld(Lock()));
  executor_->Start(Bash(1, "echo hello"));
  EXPECT_TRUE(reports_.empty());
  const Report end = WaitForEnd(1);
  EXPECT_EQ(end.outcome, Outcome::kSuccess);
  EXPECT_EQ(end.run, (RunKey{"d", "r1"}));
  EXPECT_EQ(end.task_id, "t");
  EXPECT_EQ(end.xcoms,
            (std::vector<std::pair<std::string, std::string>>{{"return_value", "\"hello\""}}));
  EXPECT_NE(temp_.Read("logs/dag_id=d/run_id=r1/task_id=t/attempt=1.log").find("hello"),
            std::string::npos);
  struct stat info;
  ASSERT_EQ(stat((temp_ / "attempts.sock").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(FunctionExecutorTest, RefusesToListenBesideAnother) {
  Listen();
  const auto second = Make(Options());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
}

TEST_F(FunctionExecutorTest, TakesOverTheSocketFileOfADeadProcess) {
  Listen();
  std::filesystem::rename(temp_ / "attempts.sock", temp_ / "kept.sock");
  executor_.reset();
  std::filesystem::rename(temp_ / "kept.sock", temp_ / "attempts.sock");
  Listen();
}

TEST_F(FunctionExecutorTest, ARepeatedStartHasNoEffectAndCancelEndsAnAttempt) {
  Listen();
  executor_->Start(Bash(1, "echo x >> " + (temp_ / "runs") + "; sleep 1000"));
  executor_->Start(Bash(1, "echo x >> " + (temp_ / "runs") + "; sleep 1000"));
  ASSERT_TRUE(Wait([this] { return temp_.Read("runs") == "x\n"; }));
  executor_->Cancel(1, "marked failed");
  executor_->Cancel(99, "unknown");
  const Report end = WaitForEnd(1);
  EXPECT_EQ(end.outcome, Outcome::kFailed);
  EXPECT_EQ(end.reason, "marked failed");
  EXPECT_EQ(temp_.Read("runs"), "x\n");
}

TEST_F(FunctionExecutorTest, WhatIsCancelledBeforeAWorkerHasItNeverRuns) {
  Listen();
  executor_->Start(Bash(1, "touch " + (temp_ / "ran")));
  executor_->Cancel(1, "changed my mind");
  EXPECT_EQ(WaitForEnd(1).reason, "changed my mind");
  executor_->Start(Bash(2, "true"));
  WaitForEnd(2);
  EXPECT_FALSE(std::filesystem::exists(temp_ / "ran"));
}

TEST_F(FunctionExecutorTest, AnIdleWorkerEndsAndTheNextAttemptGetsANewOne) {
  keep_alive_ms_ = "20";
  Listen();
  for (AttemptId id = 1; id <= 3; ++id) {
    executor_->Start(Bash(id, "true"));
    EXPECT_EQ(WaitForEnd(id).outcome, Outcome::kSuccess);
    ASSERT_TRUE(Wait([this] { return !LockFile::IsHeld(Lock()); }));
  }
}

TEST_F(FunctionExecutorTest, AWorkerWithUnacknowledgedReportsDoesNotEnd) {
  keep_alive_ms_ = "1";
  acknowledge_ = false;
  Listen();
  executor_->Start(Bash(1, "true"));
  WaitForEnd(1);
  EXPECT_TRUE(LockFile::IsHeld(Lock()));
  for (const NumberedReport& report : reports_) executor_->Acknowledge({report.number});
  EXPECT_TRUE(Wait([this] { return !LockFile::IsHeld(Lock()); }));
}

TEST_F(FunctionExecutorTest, TheWorkerOfAFormerControlIsTakenOverWithItsAttempts) {
  Listen();
  executor_->Start(Blocked(1));
  WaitForRunning(1);
  const auto worker = LockFile::Holder(Lock());
  Listen();
  executor_->Resume(Blocked(1));
  Open();
  EXPECT_EQ(WaitForEnd(1).outcome, Outcome::kSuccess);
  EXPECT_EQ(LockFile::Holder(Lock()), worker);
}

TEST_F(FunctionExecutorTest, AnEndWithoutControlIsReportedToTheNextOne) {
  acknowledge_ = false;
  Listen();
  executor_->Start(Bash(1, "exit 5"));
  executor_->Start(Blocked(2));
  WaitForRunning(2);
  WaitForEnd(1);
  Listen();
  acknowledge_ = true;
  // The worker may be back before control has read its database, or after.
  executor_->Resume(Blocked(2));
  executor_->Start(Bash(3, "true"));
  WaitForEnd(3);
  EXPECT_FALSE(Find(1, true).has_value());
  executor_->Resume(Bash(1, "exit 5"));
  EXPECT_EQ(WaitForEnd(1).reason,
            "Bash command failed. The command returned a non-zero exit code 5.");
  Open();
  EXPECT_EQ(WaitForEnd(2).outcome, Outcome::kSuccess);
}

// A cancellation that is lost in a crash of control leaves an attempt that the database does not
// know: it must not run on beside a newer one.
TEST_F(FunctionExecutorTest, EndsWhatTheDatabaseDoesNotKnow) {
  Listen();
  executor_->Start(Blocked(1));
  executor_->Start(Bash(2, "echo $$ > " + (temp_ / "pid") + "; sleep 1000"));
  executor_->Start(Bash(3, "sleep 1000"));
  WaitForRunning(1);
  WaitForRunning(2);
  WaitForRunning(3);
  ASSERT_TRUE(Wait([&] { return temp_.Read("pid").ends_with('\n'); }));
  const pid_t forgotten = std::stoi(temp_.Read("pid"));
  executor_->Retain({1, 2});
  EXPECT_EQ(WaitForEnd(3).outcome, Outcome::kFailed);
  Listen();
  executor_->Resume(Blocked(1));
  executor_->Retain({1});
  EXPECT_TRUE(Wait([&] { return kill(forgotten, 0) != 0; }));
  Open();
  EXPECT_EQ(WaitForEnd(1).outcome, Outcome::kSuccess);
  // What it took is recorded all the same, though this process knows nothing else of it.
  const Report end = WaitForEnd(2);
  EXPECT_EQ(end.outcome, Outcome::kFailed);
  EXPECT_EQ(end.run, (RunKey{"d", "r2"}));
  EXPECT_EQ(end.task_id, "t");
  EXPECT_EQ(end.try_number, 1);
  EXPECT_TRUE(end.usage.has_value());
}

TEST_F(FunctionExecutorTest, AnAttemptThatNoWorkerHasIsLost) {
  Listen();
  executor_->Resume(Bash(1, "true"));
  EXPECT_TRUE(reports_.empty());
  const Report end = WaitForEnd(1);
  EXPECT_EQ(end.outcome, Outcome::kLost);
  EXPECT_TRUE(end.end_date.has_value());
  EXPECT_NE(end.reason, "");
  // Nor has a worker that is there, but does not know it.
  executor_->Start(Bash(2, "true"));
  WaitForEnd(2);
  executor_->Resume(Bash(3, "true"));
  EXPECT_EQ(WaitForEnd(3).outcome, Outcome::kLost);
}

TEST_F(FunctionExecutorTest, AKilledWorkerLosesWhatRanAndTheRestRunsInANewOne) {
  Listen();
  executor_->Start(Blocked(1));
  WaitForRunning(1);
  KillWorker();
  const auto killed = std::chrono::steady_clock::now();
  const Report end = WaitForEnd(1);
  EXPECT_EQ(end.outcome, Outcome::kLost);
  EXPECT_LT(std::chrono::steady_clock::now() - killed, std::chrono::seconds(1));
  EXPECT_FALSE(LockFile::IsHeld(Lock()));  // nothing of it runs any more
  executor_->Start(Bash(2, "true"));
  EXPECT_EQ(WaitForEnd(2).outcome, Outcome::kSuccess);
}

TEST_F(FunctionExecutorTest, AWorkerThatHangsIsKilledAndLosesWhatRan) {
  hang_limit_ = Seconds(2);
  Listen();
  executor_->Start(Blocked(1));
  WaitForRunning(1);
  const pid_t guard = LockFile::Holder(Lock()).value();
  const std::vector<pid_t> workers = ChildrenOf(guard);
  ASSERT_EQ(workers.size(), 1u);
  kill(workers[0], SIGSTOP);
  const Report end = WaitForEnd(1);
  EXPECT_EQ(end.outcome, Outcome::kLost);
  EXPECT_EQ(end.reason, "the worker was lost: it did not answer for 2 s and was killed");
  EXPECT_TRUE(end.usage.has_value());
  executor_->Start(Bash(2, "true"));
  EXPECT_EQ(WaitForEnd(2).outcome, Outcome::kSuccess);
}

TEST_F(FunctionExecutorTest, AWorkerThatIsKilledWhileControlIsAwayLosesItsAttempts) {
  Listen();
  executor_->Start(Blocked(1));
  WaitForRunning(1);
  executor_->Resume(Blocked(1));  // known: no effect
  executor_.reset();
  KillWorker();
  Listen();
  executor_->Resume(Blocked(1));
  EXPECT_EQ(WaitForEnd(1).outcome, Outcome::kLost);
}

TEST_F(FunctionExecutorTest, AWorkerThatCannotStartLosesTheAttemptsWithTheReason) {
  WorkerChannelOptions options = Options();
  options.worker_argv = {"/bin/false"};
  executor_ = std::move(Make(options).value());
  executor_->Start(Bash(1, "true"));
  std::string message;
  executor_->Parse(temp_ / "d.py", Seconds(5),
                   [&message](const Json& result) { message = result["error"]["message"]; });
  const Report end = WaitForEnd(1);
  EXPECT_EQ(end.outcome, Outcome::kLost);
  EXPECT_EQ(end.reason,
            "the worker (/bin/false) cannot be started: it ended with exit code 1; see " +
                (temp_ / "worker.log"));
  EXPECT_EQ(message, end.reason);
  executor_.reset();
  options.worker_argv = {"/nonexistent/beeflow"};
  executor_ = std::move(Make(options).value());
  executor_->Start(Bash(2, "true"));
  EXPECT_NE(WaitForEnd(2).reason.find("No such file or directory"), std::string::npos);
}

TEST_F(FunctionExecutorTest, ParsesFilesAndAnswersTasks) {
  Listen();
  temp_.Write("d.py",
              "from airflow import DAG\n"
              "from airflow.models import Variable\n"
              "from airflow.operators.python import PythonOperator\n"
              "with DAG('d', schedule=None):\n"
              "    PythonOperator(task_id='t', python_callable=lambda: Variable.get('x'))\n");
  Json result;
  executor_->Parse(temp_ / "d.py", Seconds(30),
                   [&result](Json parsed) { result = std::move(parsed); });
  EXPECT_TRUE(result.is_null());
  ASSERT_TRUE(Wait([&result] { return !result.is_null(); }));
  ASSERT_EQ(result["dags"].size(), 1u) << result;
  Attempt attempt = Bash(1, "");
  attempt.dag = DagFromJson(result["dags"][0]).value();
  executor_->Start(attempt);
  const Report end = WaitForEnd(1);
  EXPECT_EQ(end.outcome, Outcome::kSuccess) << end.reason;
  ASSERT_EQ(end.xcoms.size(), 1u);
  EXPECT_EQ(end.xcoms[0].second, "\"value of x\"");
}

TEST_F(FunctionExecutorTest, ParsesAgainInANewWorkerAndGivesUpOnAFileThatCostsWorkers) {
  Listen();
  // Kills its worker's guard, and with it the worker, while it is imported.
  temp_.Write("deadly.py",
              "import os, signal, time  # DAG of airflow\n"
              "os.kill(int(open('" +
                  Lock() +
                  "').read()), signal.SIGKILL)\n"
                  "time.sleep(1000)\n");
  Json deadly, good;
  executor_->Parse(temp_ / "deadly.py", Seconds(30), [&deadly](Json r) { deadly = std::move(r); });
  ASSERT_TRUE(Wait([&deadly] { return !deadly.is_null(); }));
  EXPECT_EQ(deadly["error"]["message"],
            "the worker was lost while importing " + (temp_ / "deadly.py"));
  temp_.Write("good.py", "# DAG of airflow\n");
  executor_->Parse(temp_ / "good.py", Seconds(30), [&good](Json r) { good = std::move(r); });
  ASSERT_TRUE(Wait([&good] { return !good.is_null(); }));
  EXPECT_EQ(good["error"], Json());
}

TEST_F(FunctionExecutorTest, AnIdleWorkerEndsWithItsControl) {
  Listen();
  executor_->Start(Bash(1, "true"));
  WaitForEnd(1);
  executor_.reset();
  EXPECT_TRUE(Wait([this] { return !LockFile::IsHeld(Lock()); }));
}

}  // namespace
}  // namespace beeflow
