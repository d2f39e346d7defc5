// Shows that the checkers see: each test plants one bug between the control loop and its ports, and
// some of a few hundred simulations must go wrong because of it. Without a bug none does.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "sim/forwarding.h"
#include "sim/world.h"

namespace beeflow {
namespace {

constexpr uint64_t kSeeds = 300;
// Several rules of the attempt channel have to be missed by chance before one that is broken shows.
constexpr uint64_t kSeedsOfAFlaw = 4000;

// A transaction whose operations a bug may change. The bug owns nothing; one for each simulation.
class Bug {
 public:
  virtual ~Bug() = default;
  virtual Result<bool> Apply(Transaction* inner, const Transition& transition) {
    return inner->Apply(transition);
  }
  virtual Result<std::vector<Change>> TakeChanges(Transaction* inner, size_t max) {
    return inner->TakeChanges(max);
  }
};

class BuggyTransaction : public ForwardingTransaction {
 public:
  BuggyTransaction(Bug* bug, std::unique_ptr<Transaction> inner)
      : ForwardingTransaction(std::move(inner)), bug_(bug) {}
  Result<std::vector<Change>> TakeChanges(size_t max) override {
    return bug_->TakeChanges(inner_.get(), max);
  }
  Result<bool> Apply(const Transition& transition) override {
    return bug_->Apply(inner_.get(), transition);
  }

 private:
  Bug* bug_;
};

class BuggyStore : public Store {
 public:
  BuggyStore(std::unique_ptr<Bug> bug, Store* inner) : bug_(std::move(bug)), inner_(inner) {}
  Result<Snapshot> LoadActive() override { return inner_->LoadActive(); }
  Result<bool> HasChanges() override { return inner_->HasChanges(); }
  Result<std::unique_ptr<Transaction>> Begin() override {
    BEEFLOW_ASSIGN_OR_RETURN(auto inner, inner_->Begin());
    return std::unique_ptr<Transaction>(
        std::make_unique<BuggyTransaction>(bug_.get(), std::move(inner)));
  }

 private:
  std::unique_ptr<Bug> bug_;
  Store* inner_;
};

// What the first simulation that went wrong says; "" where none did.
std::string FirstViolation(const std::function<void(WorldOptions*)>& plant,
                           uint64_t seeds = kSeeds) {
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    WorldOptions options;
    options.seed = seed;
    plant(&options);
    const WorldResult result = Simulate(options);
    if (!result.violations.empty()) return result.violations.front();
  }
  return "";
}

template <typename PlantedBug>
std::string FirstViolationWith() {
  return FirstViolation([](WorldOptions* options) {
    options->wrap_store = [](Store* inner) {
      return std::make_unique<BuggyStore>(std::make_unique<PlantedBug>(), inner);
    };
  });
}

const ChangeTask* AsTask(const Transition& transition, TaskState to) {
  const auto* change = std::get_if<ChangeTask>(&transition);
  return change && change->to == to ? change : nullptr;
}

TEST(PlantedBugTest, NothingGoesWrongWithoutABug) {
  EXPECT_EQ(FirstViolation([](WorldOptions*) {}), "");
}

TEST(PlantedBugTest, TheSameSeedDoesTheSame) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    WorldOptions options;
    options.seed = seed;
    const WorldResult a = Simulate(options);
    const WorldResult b = Simulate(options);
    EXPECT_EQ(std::tie(a.turns, a.attempts, a.finished_tasks),
              std::tie(b.turns, b.attempts, b.finished_tasks));
  }
}

// Both topologies are drawn, and in the one with several control processes the lead changes hands.
TEST(PlantedBugTest, SeedsDrawBothTopologies) {
  int scaled_out = 0;
  uint64_t take_overs = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    WorldOptions options;
    options.seed = seed;
    const WorldResult result = Simulate(options);
    scaled_out += result.is_scaled_out ? 1 : 0;
    take_overs += result.take_overs;
  }
  EXPECT_GT(scaled_out, 10);
  EXPECT_LT(scaled_out, 30);
  EXPECT_GT(take_overs, 20u);
}

// Every tenth change of a task instance never arrives.
class DropsChanges : public Bug {
  Result<std::vector<Change>> TakeChanges(Transaction* inner, size_t max) override {
    BEEFLOW_ASSIGN_OR_RETURN(auto changes, inner->TakeChanges(max));
    std::erase_if(changes, [this](const Change& change) {
      return std::holds_alternative<TaskRecord>(change.row) && ++seen_ % 10 == 0;
    });
    return changes;
  }
  int seen_ = 0;
};
TEST(PlantedBugTest, ALostChangeIsNoticed) { EXPECT_NE(FirstViolationWith<DropsChanges>(), ""); }

// A retry is forgotten: the task instance fails at once.
class SkipsRetries : public Bug {
  Result<bool> Apply(Transaction* inner, const Transition& transition) override {
    Transition planted = transition;
    if (AsTask(planted, TaskState::kUpForRetry)) {
      std::get<ChangeTask>(planted).to = TaskState::kFailed;
    }
    return inner->Apply(planted);
  }
};
TEST(PlantedBugTest, ASkippedRetryIsNoticed) {
  EXPECT_NE(FirstViolationWith<SkipsRetries>().find("does not justify"), std::string::npos);
}

// With the first task instance of a run, another one of the run is queued, ready or not.
class StartsEarly : public Bug {
  Result<bool> Apply(Transaction* inner, const Transition& transition) override {
    const ChangeTask* change = AsTask(transition, TaskState::kQueued);
    if (change && change->dag) {
      for (const Task& task : change->dag->tasks) {
        if (task.upstream.empty() || task.id == change->task_id) continue;
        ChangeTask early = *change;
        early.task_id = task.id;
        early.from = TaskState::kNone;
        early.from_try = 0;
        early.try_number = 1;
        early.from_attempt = 0;
        early.attempt = change->attempt ^ 1;
        BEEFLOW_RETURN_IF_ERROR(inner->Apply(early));
        break;
      }
    }
    return inner->Apply(transition);
  }
};
TEST(PlantedBugTest, AnEarlyStartIsNoticed) {
  EXPECT_NE(FirstViolationWith<StartsEarly>().find("trigger rule"), std::string::npos);
}

// What waits for a slot is queued all the same.
class ExceedsLimits : public Bug {
  Result<bool> Apply(Transaction* inner, const Transition& transition) override {
    Transition planted = transition;
    if (AsTask(planted, TaskState::kScheduled)) {
      auto& change = std::get<ChangeTask>(planted);
      change.to = TaskState::kQueued;
      change.attempt = ++attempts_;
    }
    return inner->Apply(planted);
  }
  AttemptId attempts_ = 1;
};
TEST(PlantedBugTest, AnExceededLimitIsNoticed) {
  EXPECT_NE(FirstViolationWith<ExceedsLimits>().find("slots of"), std::string::npos);
}

// Every twentieth transition of a task instance is said to be done, and is not.
class LosesTransitions : public Bug {
  Result<bool> Apply(Transaction* inner, const Transition& transition) override {
    if (std::holds_alternative<ChangeTask>(transition) && ++seen_ % 20 == 0) return true;
    return inner->Apply(transition);
  }
  int seen_ = 0;
};
TEST(PlantedBugTest, ALostTransitionIsNoticed) {
  EXPECT_NE(FirstViolationWith<LosesTransitions>(), "");
}

// Guards are not looked at: a finished task instance is overwritten.
class IgnoresGuards : public Bug {
  Result<bool> Apply(Transaction* inner, const Transition& transition) override {
    BEEFLOW_ASSIGN_OR_RETURN(const bool applied, inner->Apply(transition));
    const auto* change = std::get_if<ChangeTask>(&transition);
    if (!applied || !change || !IsFinished(change->to)) return applied;
    ChangeTask again = *change;
    again.from = change->to;
    again.from_try = change->try_number;
    again.from_attempt = change->attempt;
    again.to = change->to == TaskState::kFailed ? TaskState::kSuccess : TaskState::kFailed;
    return inner->Apply(again);
  }
};
TEST(PlantedBugTest, AnOverwrittenEndIsNoticed) {
  EXPECT_NE(FirstViolationWith<IgnoresGuards>().find("final state"), std::string::npos);
}

// Starts each attempt a second time under another id.
class StartsTwice : public ForwardingExecutor {
 public:
  using ForwardingExecutor::ForwardingExecutor;
  void Start(Attempt attempt) override {
    Attempt twin = attempt;
    twin.id ^= 1;
    inner_->Start(std::move(attempt));
    inner_->Start(std::move(twin));
  }
};
TEST(PlantedBugTest, TwoLiveAttemptsAreNoticed) {
  const std::string what = FirstViolation([](WorldOptions* options) {
    options->wrap_executor = [](Executor* inner) { return std::make_unique<StartsTwice>(inner); };
  });
  EXPECT_NE(what.find("alive at once"), std::string::npos) << what;
}

// Never starts some attempts, and says nothing.
class ForgetsStarts : public ForwardingExecutor {
 public:
  using ForwardingExecutor::ForwardingExecutor;
  void Start(Attempt attempt) override {
    if (++starts_ % 10 != 0) inner_->Start(std::move(attempt));
  }

 private:
  int starts_ = 0;
};
TEST(PlantedBugTest, AStuckTaskIsNoticed) {
  const std::string what = FirstViolation([](WorldOptions* options) {
    options->wrap_executor = [](Executor* inner) { return std::make_unique<ForgetsStarts>(inner); };
  });
  EXPECT_NE(what.find("though it could move"), std::string::npos) << what;
}

// --- Rules of the attempt channel across hosts, each broken ---

std::string FirstViolationWithFlaw(const std::function<void(ScaleOutFlaws*)>& plant) {
  return FirstViolation([&plant](WorldOptions* options) { plant(&options->flaws); }, kSeedsOfAFlaw);
}

TEST(PlantedBugTest, ACommitOfOneWhoWasSucceededIsNoticed) {
  const std::string what =
      FirstViolationWithFlaw([](ScaleOutFlaws* flaws) { flaws->commits_unfenced = true; });
  EXPECT_NE(what, "");
}

TEST(PlantedBugTest, AnAttemptThatBeginsBeforeItsClaimIsCommittedIsNoticed) {
  const std::string what = FirstViolationWithFlaw(
      [](ScaleOutFlaws* flaws) { flaws->fleet.begins_before_commit = true; });
  EXPECT_NE(what, "");
}

TEST(PlantedBugTest, AWorkerThatObeysOneWhoWasSucceededIsNoticed) {
  const std::string what =
      FirstViolationWithFlaw([](ScaleOutFlaws* flaws) { flaws->fleet.obeys_all_epochs = true; });
  EXPECT_NE(what, "");
}

TEST(PlantedBugTest, AReportThatIsAcknowledgedBeforeTheCommitIsNoticed) {
  const std::string what = FirstViolationWithFlaw(
      [](ScaleOutFlaws* flaws) { flaws->fleet.acknowledges_at_once = true; });
  EXPECT_NE(what, "");
}

TEST(PlantedBugTest, AClaimThatIsDeniedBeforeTheDatabaseIsReadIsNoticed) {
  const std::string what =
      FirstViolationWithFlaw([](ScaleOutFlaws* flaws) { flaws->fleet.denies_unsettled = true; });
  EXPECT_NE(what, "");
}

}  // namespace
}  // namespace beeflow
