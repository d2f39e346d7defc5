// Workers that come and go, on a clock that the test turns.
#include "fleet/worker_fleet.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

using std::chrono::seconds;

Time At(int second) { return Time{} + seconds(second); }

FleetOptions Options(int min_workers, int max_workers, int tasks_per_worker) {
  FleetOptions options;
  options.min_workers = min_workers;
  options.max_workers = max_workers;
  options.tasks_per_worker = tasks_per_worker;
  options.provision_min = seconds(240);
  options.provision_max = seconds(270);
  options.cooldown = seconds(120);
  options.seed = 1;
  return options;
}

void AddTasks(WorkerFleet* fleet, uint64_t first, uint64_t last) {
  for (uint64_t id = first; id <= last; ++id) fleet->Add(id);
}

using Ids = std::vector<uint64_t>;

TEST(WorkerFleetTest, RunsAsManyTasksAsThereAreSlotsInOrder) {
  WorkerFleet fleet(Options(1, 1, 2));
  AddTasks(&fleet, 1, 5);
  EXPECT_EQ(fleet.Advance(At(0)), (Ids{1, 2}));
  EXPECT_EQ(fleet.Advance(At(1)), Ids{});
  EXPECT_EQ(fleet.waiting(), 3);
  EXPECT_TRUE(fleet.Remove(1, At(10)));
  EXPECT_EQ(fleet.Advance(At(10)), Ids{3});
  EXPECT_FALSE(fleet.NextDue()) << "nothing happens by itself: no worker may be added";
}

TEST(WorkerFleetTest, AddsWorkersWhichTakeMinutesToAppear) {
  WorkerFleet fleet(Options(1, 3, 5));
  AddTasks(&fleet, 1, 20);
  EXPECT_EQ(fleet.Advance(At(0)).size(), 5u);
  const auto first = fleet.NextDue();
  ASSERT_TRUE(first);
  EXPECT_GE(*first, At(240));
  EXPECT_LE(*first, At(270));
  EXPECT_EQ(fleet.Advance(At(239)), Ids{});
  EXPECT_EQ(fleet.Advance(At(270)).size(), 10u) << "20 tasks want 4 workers; 3 are allowed";
  EXPECT_EQ(fleet.workers(), 3);
  EXPECT_EQ(fleet.waiting(), 5);
}

TEST(WorkerFleetTest, DismissesIdleWorkersAfterTheCooldownDownToTheMinimum) {
  WorkerFleet fleet(Options(1, 3, 1));
  AddTasks(&fleet, 1, 3);
  fleet.Advance(At(0));
  fleet.Advance(At(270));
  ASSERT_EQ(fleet.workers(), 3);
  for (uint64_t id = 1; id <= 3; ++id) fleet.Remove(id, At(300));
  fleet.Advance(At(300));
  EXPECT_EQ(fleet.NextDue(), At(420));
  fleet.Advance(At(419));
  EXPECT_EQ(fleet.workers(), 3);
  fleet.Advance(At(420));
  EXPECT_EQ(fleet.workers(), 1);
  EXPECT_FALSE(fleet.NextDue());
}

TEST(WorkerFleetTest, KeepsWorkersThatWorkOn) {
  WorkerFleet fleet(Options(1, 2, 1));
  AddTasks(&fleet, 1, 2);
  fleet.Advance(At(0));
  fleet.Advance(At(270));
  fleet.Remove(1, At(280));
  fleet.Advance(At(1000));
  EXPECT_EQ(fleet.workers(), 1) << "the idle one went";
  fleet.Add(3);
  EXPECT_EQ(fleet.Advance(At(1001)), Ids{}) << "the other is busy";
  fleet.Remove(2, At(1002));
  EXPECT_EQ(fleet.Advance(At(1002)), Ids{3});
}

TEST(WorkerFleetTest, SpreadsTasksOverTheWorkers) {
  WorkerFleet fleet(Options(2, 2, 5));
  AddTasks(&fleet, 1, 10);
  EXPECT_EQ(fleet.Advance(At(0)).size(), 10u);
  EXPECT_EQ(fleet.waiting(), 0);
}

TEST(WorkerFleetTest, TasksStartAWhileAfterTheyGotTheirSlot) {
  FleetOptions options = Options(1, 1, 1);
  options.task_start = seconds(2);
  WorkerFleet fleet(options);
  AddTasks(&fleet, 1, 2);
  EXPECT_EQ(fleet.Advance(At(0)), Ids{});
  EXPECT_EQ(fleet.NextDue(), At(2));
  EXPECT_TRUE(fleet.IsPending(1));
  EXPECT_EQ(fleet.Advance(At(2)), Ids{1});
  EXPECT_FALSE(fleet.IsPending(1));
  EXPECT_TRUE(fleet.IsPending(2));
  EXPECT_TRUE(fleet.Remove(2, At(3))) << "withdrawn while it waited";
  EXPECT_FALSE(fleet.Remove(2, At(3)));
}

TEST(WorkerFleetTest, WithdrawnBeforeTheStartItIsNotStarted) {
  FleetOptions options = Options(1, 1, 1);
  options.task_start = seconds(2);
  WorkerFleet fleet(options);
  fleet.Add(1);
  fleet.Advance(At(0));
  fleet.Remove(1, At(1));
  EXPECT_EQ(fleet.Advance(At(2)), Ids{});
  EXPECT_FALSE(fleet.NextDue());
}

TEST(WorkerFleetTest, TakesOverWhatRunsAfterARestart) {
  WorkerFleet fleet(Options(1, 2, 1));
  fleet.Adopt(1, At(0));
  fleet.Adopt(2, At(0));
  EXPECT_EQ(fleet.workers(), 2) << "it had a worker before the restart";
  fleet.Add(3);
  EXPECT_EQ(fleet.Advance(At(0)), Ids{});
  fleet.Remove(1, At(1));
  EXPECT_EQ(fleet.Advance(At(1)), Ids{3});
}

TEST(WorkerFleetTest, OrdersOneWorkerAfterTheOtherWhereAnIntervalIsGiven) {
  FleetOptions options = Options(1, 10, 1);
  options.provision_max = options.provision_min;
  options.order_interval = seconds(60);
  WorkerFleet fleet(options);
  AddTasks(&fleet, 1, 4);
  EXPECT_EQ(fleet.Advance(At(0)).size(), 1u);
  EXPECT_EQ(fleet.NextDue(), At(60)) << "the next order";
  fleet.Advance(At(60));
  fleet.Advance(At(120));
  EXPECT_EQ(fleet.NextDue(), At(240)) << "three are ordered, four are wanted";
  EXPECT_EQ(fleet.Advance(At(240)).size(), 1u);
  EXPECT_EQ(fleet.Advance(At(300)).size(), 1u);
  EXPECT_EQ(fleet.Advance(At(360)).size(), 1u);
  EXPECT_EQ(fleet.workers(), 4);
}

TEST(WorkerFleetTest, PlacesAtRandomWhereAsked) {
  FleetOptions options = Options(20, 20, 5);
  options.placement = Placement::kRandom;
  WorkerFleet fleet(options);
  AddTasks(&fleet, 1, 20);
  EXPECT_EQ(fleet.Advance(At(0)).size(), 20u);
  std::map<int, int> tasks;
  for (uint64_t id = 1; id <= 20; ++id) ++tasks[fleet.WorkerOf(id).value()];
  EXPECT_LT(tasks.size(), 20u) << "some worker has more than one, so some have none";
  for (const auto& [worker, count] : tasks) EXPECT_LE(count, 5) << worker;
  EXPECT_FALSE(fleet.WorkerOf(21));
}

}  // namespace
}  // namespace beeflow
