// The rules of the attempt channel across hosts that random simulations break too seldom.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "sim/fleet_executor.h"
#include "sim/fleet_worker.h"
#include "sim/sim_fleet.h"

namespace beeflow {
namespace {

constexpr AttemptId kAttempt = 7;

class FleetTest : public testing::Test {
 protected:
  std::unique_ptr<FleetExecutor> Connect(int64_t epoch) {
    auto executor = fleet_.Connect(
        0, epoch, [this](const NumberedReport& report) { reports_.push_back(report.report); });
    executor->Retain({});
    return executor;
  }
  static Attempt MakeAttempt() {
    Attempt attempt;
    attempt.id = kAttempt;
    attempt.dag = *DagFromJson(*ParseJson(R"({"dag_id": "d", "tasks": [{"task_id": "a"}]})"));
    attempt.try_number = 1;
    return attempt;
  }
  static WorkerMessage From(int host, int64_t epoch) {
    return {{SimFleet::kFirstWorker + host, 1}, ++sequence, epoch};
  }

  VirtualTime time_{Time{}};
  SimFleet fleet_{&time_, {}, {[](const Attempt&) { return TaskState::kQueued; }, {}}};
  std::vector<Report> reports_;
  static inline uint64_t sequence = 0;
};

// A control process that had been suspended denied the claim of a worker that had not heard of the
// next one yet, after that one had taken the same claim and made it the database's: the attempt
// counted as lost, though nothing had happened to the worker.
TEST_F(FleetTest, OnlyTheControlProcessThatAWorkerObeysTakesItsClaims) {
  const auto executor = Connect(2);
  executor->Start(MakeAttempt());
  executor->OnClaim(From(0, 1), kAttempt, 1);
  EXPECT_TRUE(reports_.empty());
  executor->OnClaim(From(1, 3), kAttempt, 1);  // a later one leads
  EXPECT_TRUE(reports_.empty());
  executor->OnClaim(From(2, 2), kAttempt, 1);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0].outcome, Outcome::kRunning);
  EXPECT_EQ(ParseWorkerName(reports_[0].hostname), (WorkerName{SimFleet::kFirstWorker + 2, 1}));
}

// An offer came late, after the worker had forgotten the attempt with its end. It claimed it again,
// and began a second time since a grant of its first claim came late, too.
TEST_F(FleetTest, AWorkerBeginsForTheClaimThatItHasAlone) {
  const auto executor = Connect(1);
  executor->Start(MakeAttempt());
  FleetWorker worker(&fleet_, {SimFleet::kFirstWorker, 2}, {});
  const auto has_begun = [&worker](uint64_t claim) {
    worker.OnStart(1, MakeAttempt());
    worker.OnGrant(1, kAttempt, claim);
    worker.OnDeny(1, kAttempt);  // without effect on what has begun
    return worker.has(kAttempt);
  };
  EXPECT_FALSE(has_begun(2));
  EXPECT_FALSE(has_begun(1));
  EXPECT_TRUE(has_begun(3));
}

}  // namespace
}  // namespace beeflow
