// The worker process as control sees it: attempts that run plain Bash commands, and the channel.
#include "worker/worker.h"

#include <numeric>

#include "worker/worker_fixture_for_test.h"

namespace beeflow {
namespace {

using WorkerTest = WorkerFixture;

TEST_F(WorkerTest, SaysHelloAndReportsTheLifeOfAnAttempt) {
  StartBoth();
  EXPECT_EQ(hello_["protocol"], 1);
  EXPECT_EQ(hello_["attempts"], Json::array());
  const Json end = Run("a1", Bash("echo first; echo second >&2; printf ' last  '"));
  EXPECT_EQ(end["state"], "success");
  EXPECT_EQ(end["exit_code"], 0);
  EXPECT_EQ(end["reason"], "");
  EXPECT_EQ(end["xcoms"], Json({{"return_value", " last"}}));
  EXPECT_GT(end["start_date"], 0);
  EXPECT_GE(end["end_date"], end["start_date"]);
  EXPECT_EQ(PlainLog("a1"),
            "INFO - Starting attempt 1 of 1: dag.task_a1, run run1\n"
            "INFO - Running command: [\"/usr/bin/bash\",\"-c\","
            "\"echo first; echo second >&2; printf ' last  '\"]\n"
            "first\nsecond\n last  \n"
            "INFO - Command ended with exit code 0\n"
            "INFO - Attempt 1 ended: success\n");
}

// On a machine that is not busy, that is the report of its end.
TEST_F(WorkerTest, TheFirstReportOfAnAttemptTellsItsProcess) {
  StartBoth();
  const Json end = Run("a1", Bash("echo $$"));
  const Json first = WaitFor("report");
  EXPECT_EQ(std::to_string(first["pid"].get<pid_t>()), end["xcoms"]["return_value"]);
  EXPECT_EQ(first["start_date"], end["start_date"]);
}

TEST_F(WorkerTest, OfALongerAttemptItIsToldThatItRuns) {
  StartBoth();
  Json plan = Bash("until test -e go; do sleep 0.01; done");
  plan["cwd"] = temp_.path();
  Start("a1", plan);
  const Json running = WaitForRunning("a1");
  EXPECT_GT(running["pid"], 0);
  temp_.Write("go", "");
  EXPECT_EQ(WaitForEnd("a1")["start_date"], running["start_date"]);
}

TEST_F(WorkerTest, ExitCodesDecideTheState) {
  StartBoth();
  const Json failed = Run("a1", Bash("exit 3"));
  EXPECT_EQ(failed["state"], "failed");
  EXPECT_EQ(failed["exit_code"], 3);
  EXPECT_EQ(failed["reason"], "Bash command failed. The command returned a non-zero exit code 3.");
  EXPECT_EQ(failed["xcoms"], Json::object());
  EXPECT_EQ(Run("a2", Bash("exit 99"))["state"], "skipped");
  Json plan = Bash("exit 7");
  plan["skip_exit_codes"] = {7, 8};
  EXPECT_EQ(Run("a3", plan)["state"], "skipped");
  plan = Bash("exit 99");
  plan["skip_exit_codes"] = Json::array();
  EXPECT_EQ(Run("a4", plan)["state"], "failed");
  const Json killed = Run("a5", Bash("kill -9 $$"));
  EXPECT_EQ(killed["state"], "failed");
  EXPECT_EQ(killed["reason"], "Bash command failed. It was ended by signal 9 (Killed).");
}

TEST_F(WorkerTest, AnXComIsTheLastLineUnlessSwitchedOff) {
  StartBoth();
  EXPECT_EQ(Run("a1", Bash("true"))["xcoms"], Json({{"return_value", ""}}));
  EXPECT_EQ(Run("a2", Bash("echo x"), {{"do_xcom_push", false}})["xcoms"], Json::object());
  EXPECT_EQ(Run("a3", Bash("printf 'a\\nb\\xff\\n'"))["xcoms"],
            Json({{"return_value", "b\xEF\xBF\xBD"}}));
}

TEST_F(WorkerTest, SetsEnvironmentAndFolder) {
  setenv("BEEFLOW_TEST_INHERITED", "yes", 1);
  StartBoth();
  const std::string show =
      "echo \"$A,$BEEFLOW_TEST_INHERITED,$AIRFLOW_CTX_DAG_ID,$AIRFLOW_CTX_TASK_ID,"
      "$AIRFLOW_CTX_EXECUTION_DATE,$AIRFLOW_CTX_TRY_NUMBER,$AIRFLOW_CTX_DAG_RUN_ID,"
      "$AIRFLOW_CTX_DAG_OWNER\"";
  const std::string context = ",2026-01-01T00:00:00+00:00,1,run1,me";
  Json plan = Bash(show);
  EXPECT_EQ(Run("a1", plan, {{"owner", "me"}})["xcoms"]["return_value"],
            ",yes,dag,task_a1" + context);
  plan["env"] = {{"A", "b c"}};
  EXPECT_EQ(Run("a2", plan, {{"owner", "me"}})["xcoms"]["return_value"],
            "b c,,dag,task_a2" + context);
  plan["append_env"] = true;
  EXPECT_EQ(Run("a3", plan, {{"owner", "me"}})["xcoms"]["return_value"],
            "b c,yes,dag,task_a3" + context);
  plan = Bash("pwd -P");
  plan["cwd"] = temp_.path();
  EXPECT_EQ(Run("a4", plan)["xcoms"]["return_value"],
            std::filesystem::canonical(temp_.path()).string());
  plan["cwd"] = "/nonexistent";
  const Json failed = Run("a5", plan);
  EXPECT_EQ(failed["state"], "failed");
  EXPECT_EQ(failed["reason"],
            "cannot run /usr/bin/bash in /nonexistent: No such file or directory");
}

TEST_F(WorkerTest, RunsCommandsInATemporaryFolderAndRemovesIt) {
  StartBoth();
  const Json end = Run("a1", Bash("mkdir sub; echo x > sub/file; pwd"));
  const std::string folder = end["xcoms"]["return_value"];
  EXPECT_NE(folder.find("airflowtmp"), std::string::npos);
  EXPECT_TRUE(Wait([&folder] { return !std::filesystem::exists(folder); }));
}

TEST_F(WorkerTest, ATemporaryFolderIsAlwaysEmptyAndPrivate) {
  StartBoth({"concurrency=1"});
  for (const char* what :
       {"true", "touch x", "chmod 755 .", "mkdir -p a/b", "rmdir \"$PWD\"", "true"}) {
    const std::string id = "a" + std::to_string(messages_.size());
    ASSERT_EQ(Run(id, Bash("ls -A | wc -l; stat -c %a .; " + std::string(what)))["state"],
              "success");
    EXPECT_NE(PlainLog(id).find("\n0\n700\n"), std::string::npos) << what << "\n" << PlainLog(id);
  }
}

TEST_F(WorkerTest, CutsLongLinesAndReplacesWhatIsNoText) {
  StartBoth();
  const Json end =
      Run("a1", Bash("head -c 150000 /dev/zero | tr '\\0' x; echo; printf 'a\\0b\\xff\\n'"));
  ASSERT_EQ(end["state"], "success");
  const std::string log = PlainLog("a1");
  EXPECT_NE(log.find("\n" + std::string(65536, 'x') + "\n" + std::string(65536, 'x') + "\n" +
                     std::string(150000 - 2 * 65536, 'x') + "\n"),
            std::string::npos);
  EXPECT_NE(log.find("\na\xEF\xBF\xBD"
                     "b\xEF\xBF\xBD\n"),
            std::string::npos);
}

TEST_F(WorkerTest, ALogThatCannotBeWrittenFailsTheAttempt) {
  StartBoth();
  temp_.Write("logs/file", "");
  const Json end = Run("a1", Bash("true"), {{"log", "file/attempt=1.log"}});
  EXPECT_EQ(end["state"], "failed");
  EXPECT_NE(end["reason"].get<std::string>().find("log file"), std::string::npos);
}

TEST_F(WorkerTest, AnUnreadableAttemptFailsWithTheReason) {
  StartBoth();
  const Json end = Run("a1", {{"kind", "empty"}});
  EXPECT_EQ(end["state"], "failed");
  EXPECT_EQ(end["reason"], "attempt a1 of dag.task_a1: a worker cannot run the kind \"empty\"");
  EXPECT_EQ(Run("a2", {{"kind", "bash"}, {"command", 5}})["state"], "failed");
}

TEST_F(WorkerTest, StopsAtTheExecutionTimeout) {
  StartBoth();
  const Json end = Run("a1", Bash("sleep 1000"), {{"execution_timeout", 0.05}});
  EXPECT_EQ(end["state"], "failed");
  EXPECT_EQ(end["reason"], "ran longer than its execution_timeout of 0.05 s");
}

TEST_F(WorkerTest, ATimeLimitOfTheSettingsIsToldFromThatOfTheTask) {
  StartBoth();
  const Json more = {{"execution_timeout", 1000}, {"limits", {{"timeout_seconds", 0.05}}}};
  const auto reason = Run("a1", Bash("sleep 1000"), more)["reason"].get<std::string>();
  EXPECT_EQ(
      reason.find("ran longer than the time limit of an attempt, timeout_seconds = 0.05; raise"),
      0u)
      << reason;
  EXPECT_EQ(Run("a2", Bash("true"), {{"limits", {{"timeout_seconds", 0}}}})["state"], "success");
}

TEST_F(WorkerTest, ACommandThatReachesItsMemoryLimitIsToldWhichOne) {
  StartBoth();
  const Json more = {{"executor_config", {{"memory_mb", 64}}}};
  const Json end = Run("a1", Bash("/usr/bin/python3 -c 'b\"x\" * (200 << 20)'"), more);
  EXPECT_EQ(end["state"], "failed");
  EXPECT_NE(end["reason"].get<std::string>().find("its limit of 64 MB, memory_mb; raise it by"),
            std::string::npos)
      << end;
  EXPECT_EQ(Run("a2", Bash("/usr/bin/python3 -c 'b\"x\" * (200 << 20)'"))["state"], "success");
}

TEST_F(WorkerTest, ConfigurationForOtherExecutorsIsNamedInTheLog) {
  StartBoth();
  Run("a1", Bash("true"), {{"executor_config", {{"pod_override", nullptr}, {"cpu_share", 1}}}});
  EXPECT_NE(
      PlainLog("a1").find(
          "\nINFO - Ignored in executor_config, which is for other executors: pod_override\n"),
      std::string::npos)
      << PlainLog("a1");
}

TEST_F(WorkerTest, TellsWhatAnAttemptTook) {
  StartBoth();
  const Json end = Run("a1", Bash("for ((i = 0; i < 20000; ++i)); do :; done; exit 3"),
                       {{"queued_at", 1000000}});
  const Json usage = end["usage"];
  EXPECT_EQ(usage["start_type"], "direct");
  EXPECT_EQ(usage["exit_code"], 3);
  EXPECT_FALSE(usage.contains("exit_signal"));
  EXPECT_FALSE(usage.contains("environment"));
  EXPECT_NEAR(usage["queue_seconds"].get<double>(),
              (end["start_date"].get<double>() - 1000000) / 1e6, 1e-6);
  EXPECT_GT(usage["start_seconds"], 0);
  EXPECT_GT(usage["cpu_seconds"], 0);
  EXPECT_GT(usage["memory_bytes"], 1 << 20);
  EXPECT_EQ(Run("a2", Bash("kill -9 $$"))["usage"]["exit_signal"], 9);
}

TEST_F(WorkerTest, AClockThatWasSetBackMakesNoNegativeWait) {
  StartBoth();
  const int64_t in_a_year = 4'000'000'000'000'000;
  const Json end = Run("a1", Bash("true"), {{"queued_at", in_a_year}});
  EXPECT_EQ(end["usage"]["queue_seconds"], 0);
}

TEST_F(WorkerTest, AQueueMayRunFewerAtATime) {
  StartBoth();
  const Json one = {{"queue", "narrow"}, {"limits", {{"max_concurrency", 1}}}};
  Start("a1", Bash("until test -e " + (temp_ / "go") + "; do sleep 0.01; done"), one);
  Start("a2", Bash("true"), one);
  EXPECT_EQ(Run("a3", Bash("true"))["state"], "success");
  for (const Json& message : messages_) EXPECT_NE(message.value("attempt_id", ""), "a2");
  temp_.Write("go", "");
  EXPECT_EQ(WaitForEnd("a2")["state"], "success");
}

TEST_F(WorkerTest, WhereMemoryIsShortAttemptsStartOneByOne) {
  StartBoth({"min_free_memory=" + std::to_string(INT64_MAX)});
  Start("a1", Bash("until test -e " + (temp_ / "go") + "; do sleep 0.01; done"));
  Start("a2", Bash("true"));
  Start("a3", Bash("true"));
  WaitForRunning("a1");
  temp_.Write("go", "");
  for (const char* id : {"a1", "a2", "a3"}) EXPECT_EQ(WaitForEnd(id)["state"], "success");
  std::vector<std::string> order;
  for (const Json& message : messages_) {
    if (message.value("state", "") == "success") order.push_back(message["attempt_id"]);
  }
  EXPECT_EQ(order, (std::vector<std::string>{"a1", "a2", "a3"}));
}

TEST_F(WorkerTest, KillsWhatIgnoresTheCancellation) {
  StartBoth({"stop_grace_ms=100"});
  Start("a1", Bash("trap '' TERM; touch ready; while true; do sleep 1000; done"));
  Json plan = Bash("trap 'echo tidied; exit 0' TERM; touch ready; sleep 1000 & wait");
  plan["cwd"] = temp_.path();
  Start("a2", plan);
  WaitForRunning("a1");
  ASSERT_TRUE(Wait([this] { return std::filesystem::exists(temp_ / "ready"); }));
  for (const char* id : {"a1", "a2", "unknown"}) {
    Send({{"op", "cancel"}, {"attempt_id", id}, {"reason", "marked failed by somebody"}});
  }
  for (const char* id : {"a1", "a2"}) {
    EXPECT_EQ(WaitForEnd(id)["state"], "failed");
    EXPECT_EQ(WaitForEnd(id)["reason"], "marked failed by somebody");
  }
  EXPECT_NE(PlainLog("a2").find("\ntidied\n"), std::string::npos);
}

TEST_F(WorkerTest, KillsWhatAnAttemptLeavesBehind) {
  StartBoth();
  const Json end = Run("a1", Bash("sleep 1000 & echo $!"));
  EXPECT_EQ(end["state"], "success");
  EXPECT_TRUE(WaitUntilGone(std::stoi(end["xcoms"]["return_value"].get<std::string>())));
}

// A process that left the group and its parents, and does not mind being told to end.
class WorkerEscapeTest : public WorkerFixture {
 protected:
  std::string Escape(const std::string& then) const {
    const std::string pid = temp_ / "escaped";
    return "(setsid bash -c 'trap \"\" TERM HUP; echo $BASHPID > " + pid + ".new; mv " + pid +
           ".new " + pid + "; sleep 1000; sleep 1000' > /dev/null 2>&1 &); until test -e " + pid +
           "; do sleep 0.01; done; " + then;
  }
  pid_t WaitForEscaped() {
    EXPECT_TRUE(Wait([this] { return std::filesystem::exists(temp_ / "escaped"); }));
    return std::stoi(temp_.Read("escaped"));
  }
};

TEST_F(WorkerEscapeTest, DoesNotOutliveACommandThatEnds) {
  StartBoth();
  EXPECT_EQ(Run("a1", Bash(Escape("true")))["state"], "success");
  EXPECT_TRUE(WaitUntilGone(WaitForEscaped()));
}

TEST_F(WorkerEscapeTest, DoesNotOutliveACancelledCommand) {
  StartBoth({"stop_grace_ms=100"});
  Start("a1", Bash(Escape("trap '' TERM; sleep 1000; sleep 1000")));
  const pid_t escaped = WaitForEscaped();
  Start("b1", Bash("sleep 1000"));
  const auto other = WaitForRunning("b1")["pid"].get<pid_t>();
  Send({{"op", "cancel"}, {"attempt_id", "a1"}, {"reason", "enough"}});
  EXPECT_EQ(WaitForEnd("a1")["reason"], "enough");
  EXPECT_TRUE(WaitUntilGone(escaped));
  EXPECT_EQ(kill(other, 0), 0);
}

TEST_F(WorkerEscapeTest, DoesNotOutliveACommandThatTakesTooLong) {
  StartBoth({"stop_grace_ms=100"});
  const Json end = Run("a1", Bash(Escape("sleep 1000")), {{"execution_timeout", 1}});
  EXPECT_EQ(end["state"], "failed");
  EXPECT_TRUE(WaitUntilGone(WaitForEscaped()));
}

TEST_F(WorkerEscapeTest, DoesNotOutliveACommandThatIsKilled) {
  StartBoth();
  EXPECT_EQ(Run("a1", Bash(Escape("kill -9 $$")))["state"], "failed");
  EXPECT_TRUE(WaitUntilGone(WaitForEscaped()));
}

TEST_F(WorkerTest, ARepeatedStartHasNoEffect) {
  auto_ack_ = false;
  StartBoth();
  const Json plan = Bash("echo x >> " + (temp_ / "runs"));
  Start("a1", plan);
  Start("a1", plan);
  const Json end = WaitForEnd("a1");
  Start("a1", plan);  // ended, but not acknowledged
  Run("a2", Bash("true"));
  EXPECT_EQ(temp_.Read("runs"), "x\n");
  Ack({1, end["report"].get<int>()});
  Start("a1", plan);  // forgotten
  ASSERT_TRUE(Wait([this] { return temp_.Read("runs") == "x\nx\n"; }));
}

TEST_F(WorkerTest, ANewerAttemptOfATaskInstanceBeginsWhenTheOlderHasEnded) {
  StartBoth({"stop_grace_ms=50"});
  const Json same = {{"task_id", "t"}};
  Json plan = Bash("trap '' TERM; touch begun; while true; do sleep 1000; done");
  plan["cwd"] = temp_.path();
  Start("a1", plan, same);
  ASSERT_TRUE(Wait([this] { return std::filesystem::exists(temp_ / "begun"); }));
  // As after a crash of control that took the cancellation along.
  Start("a2", Bash("true"), same);
  Start("a3", Bash("true"), same);
  EXPECT_EQ(WaitForEnd("a3")["state"], "success");
  EXPECT_EQ(WaitForEnd("a2")["state"], "failed");
  std::vector<std::string> order;
  for (const Json& message : messages_) {
    const bool ends = message["op"] == "report" && message["state"] != "running";
    if (ends) order.push_back(message["attempt_id"].get<std::string>());
  }
  EXPECT_EQ(order, (std::vector<std::string>{"a2", "a1", "a3"}));
}

TEST_F(WorkerTest, OfManyAttemptsOfATaskInstanceTheLastRuns) {
  StartBoth();
  constexpr int kCount = 6;
  for (int i = 1; i <= kCount; ++i)
    Start("a" + std::to_string(i), Bash("true"), {{"task_id", "t"}});
  EXPECT_EQ(WaitForEnd("a" + std::to_string(kCount))["state"], "success");
  for (int i = 1; i < kCount; ++i) {
    EXPECT_EQ(WaitForEnd("a" + std::to_string(i))["state"], "failed");
  }
}

TEST_F(WorkerTest, EndsWithAllThatRunsWhenItsFolderIsRemoved) {
  StartBoth();
  Start("a1", Bash("sleep 1000"));
  const auto pid = WaitForRunning("a1")["pid"].get<pid_t>();
  connection_.reset();
  acceptor_.reset();
  std::filesystem::remove_all(temp_.path());
  ASSERT_TRUE(Wait([this] { return exit_status_.has_value(); }));
  EXPECT_TRUE(WaitUntilGone(pid));
}

TEST_F(WorkerTest, KeepsReportsOverARestartOfControlUntilTheyAreAcknowledged) {
  auto_ack_ = false;
  StartBoth();
  Json plan = Bash("until test -e go; do sleep 0.01; done; echo done");
  plan["cwd"] = temp_.path();
  Start("a1", plan);
  Start("a2", Bash("exit 1"));
  const Json running = WaitForRunning("a1");
  ASSERT_EQ(WaitForEnd("a2")["state"], "failed");
  CloseControl();
  temp_.Write("go", "");
  messages_.clear();
  Listen();
  const Json hello = WaitFor("hello");
  EXPECT_EQ(hello["attempts"], Json({"a1", "a2"}));
  EXPECT_EQ(WaitForRunning("a1"), running);
  EXPECT_EQ(WaitForEnd("a2")["state"], "failed");
  EXPECT_EQ(WaitForEnd("a1")["state"], "success");
  std::vector<int> numbers;
  for (const Json& message : messages_) {
    if (message["op"] == "report") numbers.push_back(message["report"]);
  }
  std::vector<int> counted(numbers.size());
  std::iota(counted.begin(), counted.end(), 1);
  EXPECT_EQ(numbers, counted);
  Ack(numbers);
  CloseControl();
  messages_.clear();
  Listen();
  EXPECT_EQ(WaitFor("hello")["attempts"], Json::array());
  Run("a3", Bash("true"));
  EXPECT_EQ(messages_[1]["attempt_id"], "a3");  // nothing was sent again before
}

TEST_F(WorkerTest, EndsWhenItIdlesAndControlAgrees) {
  StartBoth({"keep_alive_ms=20"});
  Run("a1", Bash("true"));
  ASSERT_TRUE(WaitFor("idle").is_object());
  EXPECT_FALSE(exit_status_.has_value());
  Send({{"op", "exit"}});
  ASSERT_TRUE(Wait([this] { return exit_status_.has_value(); }));
  EXPECT_EQ(DescribeExit(*exit_status_), "exit code 0");
  EXPECT_FALSE(LockFile::IsHeld(temp_ / "worker.lock"));
}

TEST_F(WorkerTest, EndsByItselfWhenControlIsGoneAndNothingIsLeft) {
  StartBoth({"keep_alive_ms=20"});
  Run("a1", Bash("true"));
  ASSERT_TRUE(WaitFor("idle").is_object());
  CloseControl();
  ASSERT_TRUE(Wait([this] { return exit_status_.has_value(); }));
}

TEST_F(WorkerTest, OnlyOneLives) {
  StartBoth();
  const std::optional<pid_t> first = LockFile::Holder(temp_ / "worker.lock");
  EXPECT_EQ(first, pid_);
  SpawnRequest request;
  request.argv = {WORKER_PROCESS, "home=" + temp_.path()};
  Result<SpawnedProcess> second = Spawn(request);
  ASSERT_TRUE(second.ok());
  std::optional<int> status;
  const ChildWatch watch(io_, second->pid, std::move(second->pidfd), Leftovers::kKeep,
                         [&status](std::optional<int> ended) { status = ended; });
  ASSERT_TRUE(Wait([&status] { return status.has_value(); }));
  EXPECT_EQ(WEXITSTATUS(*status), kWorkerAlreadyRuns);
}

class WorkerDeathTest : public WorkerFixture {
 protected:
  // Starts an attempt with children in and outside of its process group; returns all their ids.
  std::vector<pid_t> StartFamily() {
    Json plan = Bash(
        "echo $$ > p1; (sleep 1000 & echo $! > p2; wait) & "
        "setsid bash -c 'echo $$ > p3; sleep 1000' & "
        "(setsid bash -c 'echo $$ > p4; sleep 1000' &) ; wait");
    plan["cwd"] = temp_.path();
    Start("a1", plan);
    std::vector<pid_t> family;
    for (const char* name : {"p1", "p2", "p3", "p4"}) {
      EXPECT_TRUE(Wait([&] { return temp_.Read(name).ends_with("\n"); }));
      family.push_back(std::stoi(temp_.Read(name)));
    }
    return family;
  }

  void ExpectNothingIsLeft(const std::vector<pid_t>& family) {
    ASSERT_TRUE(Wait([this] { return !LockFile::IsHeld(temp_ / "worker.lock"); }));
    for (const pid_t pid : family) EXPECT_TRUE(WaitUntilGone(pid)) << pid;
  }
};

TEST_F(WorkerDeathTest, AKilledWorkerLeavesNoProcess) {
  StartBoth();
  const std::vector<pid_t> family = StartFamily();
  kill(hello_["pid"].get<pid_t>(), SIGKILL);
  ASSERT_TRUE(Wait([this] { return exit_status_.has_value(); }));
  EXPECT_EQ(WEXITSTATUS(*exit_status_), 128 + SIGKILL);
  ExpectNothingIsLeft(family);
}

TEST_F(WorkerDeathTest, AKilledGuardTakesAllWithIt) {
  StartBoth();
  std::vector<pid_t> family = StartFamily();
  family.push_back(hello_["pid"].get<pid_t>());
  kill(pid_, SIGKILL);
  ExpectNothingIsLeft(family);
}

TEST_F(WorkerDeathTest, AWorkerThatIsToldToStopEndsItsAttemptsAndReportsThem) {
  StartBoth({"stop_grace_ms=100"});
  const std::vector<pid_t> family = StartFamily();
  kill(pid_, SIGTERM);
  EXPECT_EQ(WaitForEnd("a1")["reason"], "the worker was told to stop");
  ASSERT_TRUE(Wait([this] { return exit_status_.has_value(); }));
  EXPECT_EQ(DescribeExit(*exit_status_), "exit code 0");
  EXPECT_TRUE(WaitUntilGone(family[0]));
  EXPECT_TRUE(WaitUntilGone(family[1]));
  for (const pid_t independent : {family[2], family[3]}) kill(independent, SIGKILL);
}

TEST_F(WorkerTest, RunsFiveHundredAtOnce) {
  StartBoth();
  Json plan = Bash("until test -e go; do sleep 0.2; done");
  plan["cwd"] = temp_.path();
  plan["command"] = "read -r line < " + (temp_ / "gate") + "; echo \"$line\"";
  ASSERT_EQ(mkfifo((temp_ / "gate").c_str(), 0600), 0);
  constexpr int kCount = 500;
  for (int i = 0; i < kCount; ++i) Start("a" + std::to_string(i), plan);
  int ended = 0;
  const auto running = [this] {
    return std::count_if(messages_.begin(), messages_.end(), [](const Json& message) {
      return message["op"] == "report" && message["state"] == "running";
    });
  };
  ASSERT_TRUE(Wait([&] { return running() == kCount; }));
  // All of them wait for the gate at the same time; each takes one line.
  const UniqueFd gate(open((temp_ / "gate").c_str(), O_RDWR | O_CLOEXEC));
  for (int i = 0; i < kCount; ++i) ASSERT_EQ(write(gate.get(), "go\n", 3), 3);
  for (int i = 0; i < kCount; ++i) {
    const Json end = WaitForEnd("a" + std::to_string(i));
    ASSERT_TRUE(end.is_object());
    if (end["state"] == "success") ++ended;
  }
  EXPECT_EQ(ended, kCount);
}

TEST_F(WorkerTest, FurtherAttemptsWaitInOrder) {
  StartBoth({"concurrency=1"});
  Json plan = Bash("read -r line < " + (temp_ / "gate"));
  ASSERT_EQ(mkfifo((temp_ / "gate").c_str(), 0600), 0);
  Start("a1", plan);
  Start("a2", Bash("true"));
  Start("a3", Bash("true"));
  WaitForRunning("a1");
  Send({{"op", "cancel"}, {"attempt_id", "a2"}, {"reason", "not wanted"}});
  EXPECT_EQ(WaitForEnd("a2")["reason"], "not wanted");
  const UniqueFd gate(open((temp_ / "gate").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(write(gate.get(), "\n", 1), 1);
  EXPECT_EQ(WaitForEnd("a1")["state"], "success");
  EXPECT_EQ(WaitForEnd("a3")["state"], "success");
}

}  // namespace
}  // namespace beeflow
