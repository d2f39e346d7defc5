// The pool executor in front of a runner that only writes down what it is told.
#include "executor/pool_executor.h"

#include <gtest/gtest.h>

#include "os/event_loop_for_test.h"
#include "os/system_clock.h"

namespace beeflow {
namespace {

using Ids = std::vector<AttemptId>;

class NotingRunner : public Executor {
 public:
  void Start(Attempt attempt) override { started.push_back(attempt.id); }
  void Resume(Attempt attempt) override { resumed.push_back(attempt.id); }
  void Cancel(AttemptId attempt, const std::string& /*reason*/) override {
    cancelled.push_back(attempt);
  }
  void Retain(const std::unordered_set<AttemptId>& known) override { retained = known; }
  void Acknowledge(const std::vector<uint64_t>& reports) override { acknowledged = reports; }

  Ids started, resumed, cancelled;
  std::unordered_set<AttemptId> retained;
  std::vector<uint64_t> acknowledged;
};

class PoolExecutorTest : public testing::Test {
 protected:
  static FleetOptions Options() {
    FleetOptions options;
    options.tasks_per_worker = 2;
    return options;
  }
  static Attempt Number(AttemptId id) {
    Attempt attempt;
    attempt.id = id;
    return attempt;
  }
  static Report Of(AttemptId id, Outcome outcome) {
    Report report;
    report.attempt = id;
    report.outcome = outcome;
    return report;
  }
  void StartAll(AttemptId first, AttemptId last) {
    for (AttemptId id = first; id <= last; ++id) pool_.Start(Number(id));
  }
  bool Started(const Ids& ids) {
    return RunUntil(io_, [&] { return runner_.started == ids; });
  }

  asio::io_context io_;
  SystemClock clock_;
  NotingRunner runner_;
  PoolExecutor pool_{io_, clock_, runner_, Options()};
};

TEST_F(PoolExecutorTest, HandsOutSlotsAsTheyBecomeFree) {
  StartAll(1, 4);
  EXPECT_TRUE(runner_.started.empty()) << "not from within Start";
  EXPECT_TRUE(Started({1, 2}));
  pool_.OnReport(Of(1, Outcome::kRunning));
  EXPECT_EQ(runner_.started, (Ids{1, 2})) << "a start frees no slot";
  pool_.OnReport(Of(2, Outcome::kFailed));
  EXPECT_TRUE(Started({1, 2, 3}));
}

TEST_F(PoolExecutorTest, ARepeatedStartOfARunningAttemptIsPassedOn) {
  StartAll(1, 1);
  ASSERT_TRUE(Started({1}));
  StartAll(1, 1);
  EXPECT_EQ(runner_.started, (Ids{1, 1}));
}

TEST_F(PoolExecutorTest, ACancelledAttemptThatWaitsIsEndedByTheRunner) {
  StartAll(1, 4);
  ASSERT_TRUE(Started({1, 2}));
  pool_.Cancel(3, "marked failed");
  EXPECT_EQ(runner_.started, (Ids{1, 2, 3})) << "so that its end is reported";
  EXPECT_EQ(runner_.cancelled, Ids{3});
  pool_.OnReport(Of(3, Outcome::kFailed));
  pool_.OnReport(Of(1, Outcome::kSuccess));
  EXPECT_TRUE(Started({1, 2, 3, 4}));
}

TEST_F(PoolExecutorTest, WhatRunsAfterARestartHasItsSlots) {
  pool_.Resume(Number(1));
  pool_.Resume(Number(2));
  StartAll(3, 3);
  pool_.Retain({1, 2, 3});
  EXPECT_EQ(runner_.resumed, (Ids{1, 2}));
  EXPECT_EQ(runner_.retained.size(), 3u);
  EXPECT_TRUE(runner_.started.empty());
  pool_.OnReport(Of(1, Outcome::kLost));
  EXPECT_TRUE(Started({3}));
}

TEST_F(PoolExecutorTest, WhatTheDatabaseNoLongerHoldsIsForgotten) {
  StartAll(1, 4);
  ASSERT_TRUE(Started({1, 2}));
  pool_.Retain({1, 2, 4});
  pool_.OnReport(Of(1, Outcome::kSuccess));
  EXPECT_TRUE(Started({1, 2, 4}));
}

TEST_F(PoolExecutorTest, ReportsAreAcknowledgedToTheRunner) {
  pool_.Acknowledge({7, 8});
  EXPECT_EQ(runner_.acknowledged, (std::vector<uint64_t>{7, 8}));
}

}  // namespace
}  // namespace beeflow
