// Bugs that the simulation found, each reduced to the least that shows it. A test is headed by the
// bug's story.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/control.h"
#include "router/router.h"
#include "sim/memory_store.h"
#include "sim/virtual_time.h"

namespace beeflow {
namespace {

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2021) / 1 / 10));

// Starts nothing, and remembers what it was told.
class ScriptedExecutor : public Executor {
 public:
  void Start(Attempt attempt) override {
    ++told;
    attempts_[attempt.dag->tasks[attempt.task].id] = std::move(attempt);
  }
  void Resume(Attempt attempt) override { Start(std::move(attempt)); }
  void Cancel(AttemptId attempt, const std::string&) override { cancelled.insert(attempt); }
  void Retain(const std::unordered_set<AttemptId>&) override {}
  void Acknowledge(const std::vector<uint64_t>&) override {}

  // Of the task, whatever its run: the latest.
  const Attempt& attempt(const std::string& task) const { return attempts_.at(task); }

  std::unordered_set<AttemptId> cancelled;
  int told = 0;  // how often to start or resume an attempt

 private:
  std::map<std::string, Attempt> attempts_;
};

class RegressionTest : public testing::Test {
 protected:
  RegressionTest() { Restart(); }

  void Restart() {
    router_ = std::make_unique<Router>(&executor_);
    control_ = std::make_unique<Control>(ControlOptions{{}, false}, &time_, &store_, router_.get());
  }
  void Settle() {
    while (*control_->Turn()) {
    }
  }
  void Define(const std::string& dag) {
    const Json answer = {{"dags", Json::array({*ParseJson(dag)})}};
    ParsedFile file = ParsedFileFromJson("/dags/d.py", answer);
    ASSERT_FALSE(file.error) << file.error->message;
    control_->AddFile(std::move(file));
    Settle();
  }
  RunKey Trigger(Time logical_date) {
    RunRecord run;
    run.key = {"d", "manual__" + FormatIso(logical_date)};
    run.logical_date = logical_date;
    run.queued_at = kStart;
    EXPECT_TRUE(store_.CreateRun(run).ok());
    Settle();
    return run.key;
  }
  void End(const std::string& task, Outcome outcome) {
    const Attempt& attempt = executor_.attempt(task);
    Report report;
    report.attempt = attempt.id;
    report.run = attempt.run.key;
    report.task_id = task;
    report.outcome = outcome;
    report.end_date = time_.Now();
    control_->AddReport(&executor_, {++reports_, std::move(report)});
    Settle();
  }
  std::string StateOf(const RunKey& run, const std::string& task) const {
    const TaskRecord* row = store_.FindTask(run, task);
    if (!row) return "absent";
    return row->state == TaskState::kNone ? "none" : std::string(ToString(row->state));
  }
  std::string StateOf(const RunKey& run) const {
    return std::string(ToString(store_.FindRun(run)->record.state));
  }

  VirtualTime time_{kStart};
  MemoryStore store_;
  ScriptedExecutor executor_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<Control> control_;
  uint64_t reports_ = 0;
};

// A task instance that waited for a slot kept waiting when its run was marked as ended, and started
// in the ended run as soon as there was room.
TEST_F(RegressionTest, NothingStartsInARunThatWasMarkedAsEnded) {
  Define(R"({"dag_id": "d", "max_active_tasks": 1, "tasks": [
    {"task_id": "a", "priority_weight": 2}, {"task_id": "b"}]})");
  const RunKey run = Trigger(kStart);
  ASSERT_EQ(StateOf(run, "a"), "queued");
  ASSERT_EQ(StateOf(run, "b"), "scheduled");
  ASSERT_TRUE(store_.SetRunState(run, RunState::kSuccess, kStart).ok());
  Settle();
  End("a", Outcome::kSuccess);
  EXPECT_EQ(StateOf(run, "b"), "scheduled");
}

// The same pass skipped a waiting task instance, because of fail_fast, and gave it the slot of the
// one that failed: a broken invariant.
TEST_F(RegressionTest, WhatFailFastSkipsDoesNotGetTheSlotThatBecameFree) {
  Define(R"({"dag_id": "d", "max_active_tasks": 1, "fail_fast": true, "tasks": [
    {"task_id": "a", "priority_weight": 2}, {"task_id": "b"}]})");
  const RunKey run = Trigger(kStart);
  End("a", Outcome::kFailed);
  EXPECT_EQ(StateOf(run, "a"), "failed");
  EXPECT_EQ(StateOf(run, "b"), "skipped");
  EXPECT_EQ(StateOf(run), "failed");
}

// The logical date of a run was changed while a task instance of it waited for a slot. It was
// looked for under the new date when the run was ended, not found, and started as soon as there was
// room.
TEST_F(RegressionTest, WhatWaitsIsFoundAfterItsRunHasMoved) {
  Define(R"({"dag_id": "d", "max_active_tasks": 1, "tasks": [
    {"task_id": "a", "priority_weight": 2}, {"task_id": "b"}]})");
  const RunKey run = Trigger(kStart);
  ASSERT_EQ(StateOf(run, "b"), "scheduled");
  RunRecord moved = store_.FindRun(run)->record;
  moved.logical_date -= std::chrono::hours(1);
  ASSERT_TRUE(store_.WriteRun(moved).ok());
  Settle();
  ASSERT_TRUE(store_.SetRunState(run, RunState::kSuccess, kStart).ok());
  Settle();
  End("a", Outcome::kSuccess);
  EXPECT_EQ(StateOf(run, "b"), "scheduled");
}

// A run of a DAG that has no tasks any more ended without looking at the task instances of the
// version before, which stayed as they were.
TEST_F(RegressionTest, TaskInstancesOfADagThatLostAllItsTasksAreRemoved) {
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a"}]})");
  const RunKey run = Trigger(kStart);
  End("a", Outcome::kSuccess);
  Define(R"({"dag_id": "d"})");
  ASSERT_TRUE(store_.Clear({run, {}}).ok());
  Settle();
  EXPECT_EQ(StateOf(run, "a"), "removed");
  EXPECT_EQ(StateOf(run), "success");
}

// The schedule went on after the latest run, although that one had been deleted: the news of its
// end were ignored, since a finished run is not in memory.
TEST_F(RegressionTest, AScheduleRepeatsADeletedRun) {
  Define(R"({"dag_id": "d", "schedule": {"kind": "once"}, "start_date": "2021-01-01",
             "tasks": [{"task_id": "a"}]})");
  const RunKey run{"d", "scheduled__2021-01-01T00:00:00+00:00"};
  End("a", Outcome::kSuccess);
  ASSERT_EQ(StateOf(run), "success");
  ASSERT_TRUE(store_.DeleteRun(run).ok());
  Settle();
  ASSERT_TRUE(store_.FindRun(run));
  EXPECT_EQ(StateOf(run), "running");
}

// A task left its DAG while an attempt of it ran in a run that had been queued again and could not
// start. Its end was taken for that of a former attempt; when the task came back to the DAG, it was
// running still, and then counted as lost.
TEST_F(RegressionTest, WhatRunsInAQueuedRunIsRemovedWhenItsTaskLeavesTheDag) {
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a"}, {"task_id": "b"}]})");
  const RunKey run = Trigger(kStart);
  const AttemptId attempt = executor_.attempt("a").id;
  ASSERT_TRUE(store_.SetPaused("d", true).ok());
  ASSERT_TRUE(store_.SetRunState(run, RunState::kQueued, kStart).ok());
  Settle();
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "b"}]})");
  EXPECT_EQ(StateOf(run, "a"), "removed");
  EXPECT_TRUE(executor_.cancelled.contains(attempt));
  EXPECT_EQ(StateOf(run, "b"), "queued");
}

// A mapped task that can never get its instances, since what it is mapped over takes no part in the
// run, and that depends on its past, too: the run was taken for one that waits for its past, and
// went on for ever.
TEST_F(RegressionTest, ARunWhoseMappedTaskCanNeverBeExpandedFails) {
  Define(R"({"dag_id": "d", "catchup": false, "tasks": [
    {"task_id": "later", "start_date": "2022-01-01T00:00:00+00:00", "downstream": ["m"]},
    {"task_id": "m", "trigger_rule": "always", "depends_on_past": true,
     "map": [{"task": "later"}]}]})");
  const RunKey first = Trigger(kStart);
  EXPECT_EQ(StateOf(first), "failed");
  time_.AdvanceTo(kStart + std::chrono::hours(1));
  const RunKey second = Trigger(kStart + std::chrono::hours(1));
  EXPECT_EQ(StateOf(second, "m"), "none");
  EXPECT_EQ(StateOf(second), "failed");
}

// A run was deleted and made anew under its name before anybody told of it, by one transaction of
// another program: it was taken for the former one, got no task instances, and what that one had
// running went on.
TEST_F(RegressionTest, ARunThatWasMadeAnewUnderItsNameIsAnotherOne) {
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a"}, {"task_id": "b"}]})");
  const RunKey run = Trigger(kStart);
  End("a", Outcome::kSuccess);
  const AttemptId former = executor_.attempt("b").id;
  ASSERT_TRUE(store_.DeleteRun(run).ok());
  ASSERT_EQ(Trigger(kStart), run);
  EXPECT_EQ(StateOf(run, "a"), "queued");
  EXPECT_EQ(StateOf(run, "b"), "queued");
  EXPECT_NE(executor_.attempt("b").id, former);
  EXPECT_TRUE(executor_.cancelled.contains(former));
}

// The same of the run before: the former one had succeeded, and a task that depends on its past
// started.
TEST_F(RegressionTest, APastThatWasMadeAnewIsWaitedFor) {
  Define(R"({"dag_id": "d", "catchup": false, "tasks": [
    {"task_id": "a", "depends_on_past": true}, {"task_id": "b"}]})");
  const RunKey first = Trigger(kStart);
  End("a", Outcome::kSuccess);
  time_.AdvanceTo(kStart + std::chrono::hours(1));
  ASSERT_TRUE(store_.DeleteRun(first).ok());
  ASSERT_EQ(Trigger(kStart), first);
  const RunKey second = Trigger(kStart + std::chrono::hours(1));
  EXPECT_EQ(StateOf(first, "a"), "queued");
  EXPECT_EQ(StateOf(second, "a"), "none");
}

// A task that a new version of the DAG ended (end_date), and that also waited for its past, kept
// its run going for ever: it was taken for one that may yet run.
TEST_F(RegressionTest, ARunWhoseLastTaskIsOverFailsEvenIfItWaitsForItsPast) {
  const auto define = [this](const std::string& end_date) {
    Define(R"({"dag_id": "d", "catchup": false, "tasks": [
      {"task_id": "a", "depends_on_past": true)" +
           end_date + "}]}");
  };
  define("");
  Trigger(kStart);
  End("a", Outcome::kFailed);
  time_.AdvanceTo(kStart + std::chrono::hours(1));
  const RunKey run = Trigger(kStart + std::chrono::hours(1));
  ASSERT_EQ(StateOf(run), "running");
  define(R"(, "end_date": "2021-01-10T00:00:00+00:00")");
  EXPECT_EQ(StateOf(run), "failed");
}

// While the instance of a task that came back to the DAG was brought back, in the same pass, its
// downstream tasks took its state, removed, for an end and started.
TEST_F(RegressionTest, ATaskThatIsBackIsWaitedFor) {
  constexpr const char* kBoth = R"({"dag_id": "d", "tasks": [
    {"task_id": "a", "downstream": ["b"]}, {"task_id": "b"}]})";
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a"}, {"task_id": "c"}]})");
  const RunKey run = Trigger(kStart);
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "c"}]})");
  ASSERT_EQ(StateOf(run, "a"), "removed");
  Define(kBoth);
  EXPECT_EQ(StateOf(run, "a"), "queued");
  EXPECT_EQ(StateOf(run, "b"), "none");
}

// The timer of dagrun_timeout was set once in a run's life: a run that was cleared and started
// again was looked at when its first start timed out, and never again.
TEST_F(RegressionTest, ARunThatWasClearedTimesOutToo) {
  Define(R"({"dag_id": "d", "dagrun_timeout": 100, "tasks": [{"task_id": "a"}]})");
  const RunKey run = Trigger(kStart);
  time_.AdvanceTo(kStart + std::chrono::seconds(50));
  End("a", Outcome::kSuccess);
  ASSERT_TRUE(store_.Clear({run, {}}).ok());
  Settle();
  time_.AdvanceTo(kStart + std::chrono::seconds(110));
  Settle();
  EXPECT_EQ(StateOf(run), "running");
  EXPECT_EQ(control_->NextDue(), kStart + std::chrono::seconds(150));
  time_.AdvanceTo(kStart + std::chrono::seconds(150));
  Settle();
  EXPECT_EQ(StateOf(run), "failed");
}

// A run all of whose task instances were removed ended in the pass that brought one of them back.
TEST_F(RegressionTest, ARunGoesOnWhenItsOnlyTaskIsBack) {
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a"}, {"task_id": "b"}]})");
  const RunKey run = Trigger(kStart);
  End("b", Outcome::kSuccess);
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "c"}]})");
  ASSERT_EQ(StateOf(run, "a"), "removed");
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a"}]})");
  EXPECT_EQ(StateOf(run, "a"), "queued");
  EXPECT_EQ(StateOf(run), "running");
}

// The timer for a logical date in the future was dropped while its run was running, by hand, and
// was not set again when the run was queued again.
TEST_F(RegressionTest, ARunThatIsQueuedAgainStillStartsOnItsLogicalDate) {
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a"}]})");
  const RunKey run = Trigger(kStart + std::chrono::hours(1));
  ASSERT_EQ(control_->NextDue(), kStart + std::chrono::hours(1));
  ASSERT_TRUE(store_.SetRunState(run, RunState::kRunning, kStart).ok());
  Settle();
  EXPECT_EQ(control_->NextDue(), std::nullopt);
  ASSERT_TRUE(store_.SetRunState(run, RunState::kQueued, kStart).ok());
  Settle();
  EXPECT_EQ(control_->NextDue(), kStart + std::chrono::hours(1));
}

// A retry whose upstream a new version of the DAG held up for good kept its run going for ever: it
// counted as something that moves.
TEST_F(RegressionTest, ARunWhoseOnlyRetryCanNeverStartFails) {
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a", "retries": 1, "retry_delay": 60}]})");
  const RunKey run = Trigger(kStart);
  End("a", Outcome::kFailed);
  ASSERT_EQ(StateOf(run, "a"), "up_for_retry");
  Define(R"({"dag_id": "d", "tasks": [
    {"task_id": "later", "start_date": "2022-01-01T00:00:00+00:00", "downstream": ["a"]},
    {"task_id": "a", "retries": 1, "retry_delay": 60}]})");
  EXPECT_EQ(StateOf(run), "running");
  time_.AdvanceTo(kStart + std::chrono::minutes(2));
  Settle();
  EXPECT_EQ(StateOf(run, "a"), "up_for_retry");
  EXPECT_EQ(StateOf(run), "failed");
}

// The same of a retry that a new version of the DAG ended (end_date).
TEST_F(RegressionTest, ARunWhoseOnlyRetryIsOverFails) {
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a", "retries": 1, "retry_delay": 60}]})");
  const RunKey run = Trigger(kStart);
  End("a", Outcome::kFailed);
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a", "retries": 1, "retry_delay": 60,
             "end_date": "2021-01-01T00:00:00+00:00"}]})");
  time_.AdvanceTo(kStart + std::chrono::minutes(2));
  Settle();
  EXPECT_EQ(StateOf(run), "failed");
}

// A trigger was lost in the turn in which its timeout came: the one that replaced it was cancelled
// before it was started, and so ran beside the next attempt of its task instance.
TEST_F(RegressionTest, WhatIsCancelledInTheTurnThatStartsItIsNotStarted) {
  auto dag = DagFromJson(*ParseJson(R"({"dag_id": "d", "tasks": [{"task_id": "a"}]})"));
  ASSERT_TRUE(dag.ok());
  Actions actions;
  for (const AttemptId id : {AttemptId{8}, AttemptId{7}}) {
    Attempt attempt;
    attempt.id = id;
    attempt.dag = *dag;
    actions.start.push_back(std::move(attempt));
  }
  actions.cancel.push_back({7, "default", "its task instance was changed to scheduled"});
  router_->Dispatch(std::move(actions));
  EXPECT_EQ(executor_.attempt("a").id, 8u);
}

// A mapped task was mapped no more while its instances ran, and for the moment had no row at all:
// the next run's task upstream, which waits for the downstream of its past, started.
TEST_F(RegressionTest, TheDownstreamOfThePastIsWaitedForWhileItHasNoRow) {
  const auto define = [this](const std::string& mapping) {
    Define(R"({"dag_id": "d", "catchup": false, "tasks": [
      {"task_id": "a", "depends_on_past": true, "wait_for_downstream": true, "downstream": ["b"]},
      {"task_id": "b")" +
           mapping + "}]}");
  };
  define(R"(, "map": [{"literal": 2}])");
  const RunKey first = Trigger(kStart);
  End("a", Outcome::kSuccess);
  ASSERT_TRUE(store_.FindTask(first, "b", 1));
  time_.AdvanceTo(kStart + std::chrono::hours(1));
  const RunKey second = Trigger(kStart + std::chrono::hours(1));
  ASSERT_EQ(StateOf(second, "a"), "none");
  define("");
  EXPECT_EQ(StateOf(first, "b"), "queued");
  EXPECT_EQ(StateOf(second, "a"), "none");
  End("b", Outcome::kSuccess);
  EXPECT_EQ(StateOf(second, "a"), "queued");
}

// A task left its DAG while an attempt of it ran in a run that had been marked as ended. Nobody
// heard of the attempt's end, and the task instance was running for ever.
TEST_F(RegressionTest, WhatRunsInAnEndedRunIsRemovedWhenItsTaskLeavesTheDag) {
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a"}, {"task_id": "b"}]})");
  const RunKey run = Trigger(kStart);
  End("b", Outcome::kSuccess);
  ASSERT_TRUE(store_.SetRunState(run, RunState::kSuccess, kStart).ok());
  Settle();
  ASSERT_EQ(StateOf(run, "a"), "queued");
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "b"}]})");
  EXPECT_EQ(StateOf(run, "a"), "removed");
  EXPECT_EQ(StateOf(run), "success");
  EXPECT_TRUE(control_->scheduler()->Attempts().empty());
}

// A turn failed, and the next one read all anew, ended an attempt by the report that it still had,
// and started or resumed it for what it had read: the executor knew nothing of the attempt any
// more, and offered it to workers once more. One that was taken as running was waited for in vain,
// and let a worker that claimed it once more begin it.
TEST_F(RegressionTest, WhatEndsInTheTurnThatReadsItAnewIsNotStartedAgain) {
  Define(R"({"dag_id": "d", "tasks": [{"task_id": "a"}, {"task_id": "b"}]})");
  const RunKey run = Trigger(kStart);
  ASSERT_EQ(StateOf(run, "a"), "queued");
  End("b", Outcome::kRunning);
  ASSERT_EQ(StateOf(run, "b"), "running");
  for (const char* task : {"a", "b"}) {
    control_->DropCache();
    const int told = executor_.told;
    End(task, Outcome::kSuccess);
    EXPECT_EQ(StateOf(run, task), "success");
    EXPECT_EQ(executor_.told - told, task == std::string("a") ? 1 : 0);  // b, or nothing
  }
}

}  // namespace
}  // namespace beeflow
