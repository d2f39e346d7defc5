// The tests of the change feed.
#include <set>

#include "store/conformance.h"

namespace beeflow {
namespace {

TEST_P(StoreConformance, FeedIsEmptyAtFirst) {
  EXPECT_FALSE(store().HasChanges().value());
  EXPECT_TRUE(TakeAll().empty());
}

TEST_P(StoreConformance, FeedDeliversWhatTheStoreItselfCommitted) {
  Apply(CreateRun{MakeRun("r1", 0)});
  EXPECT_TRUE(store().HasChanges().value());
  EXPECT_EQ(OnlyOne<RunRecord>(TakeAll()).key.run_id, "r1");
  EXPECT_FALSE(store().HasChanges().value());
  EXPECT_TRUE(TakeAll().empty());
}

TEST_P(StoreConformance, FeedDeliversWhatThisTransactionDid) {
  auto transaction = Begin();
  ASSERT_TRUE(transaction->Apply(CreateRun{MakeRun("r1", 0)}).value());
  EXPECT_EQ(OnlyOne<RunRecord>(transaction->TakeChanges(10).value()).state, RunState::kQueued);
  ASSERT_TRUE(
      transaction->Apply(ChangeRun{Key("r1"), RunState::kQueued, RunState::kRunning, At(1), {}, ""})
          .value());
  EXPECT_EQ(OnlyOne<RunRecord>(transaction->TakeChanges(10).value()).state, RunState::kRunning);
  EXPECT_TRUE(transaction->TakeChanges(10).value().empty());
  ASSERT_TRUE(transaction->Commit().ok());
  EXPECT_TRUE(TakeAll().empty());
}

TEST_P(StoreConformance, FeedPositionMovesOnlyWithTheCommit) {
  Apply(CreateRun{MakeRun("r1", 0)});
  {
    auto transaction = Begin();
    EXPECT_EQ(transaction->TakeChanges(10).value().size(), 1u);
  }
  EXPECT_TRUE(store().HasChanges().value());
  EXPECT_EQ(OnlyOne<RunRecord>(TakeAll()).key.run_id, "r1");
}

TEST_P(StoreConformance, FeedIsBoundedAndInOrder) {
  for (int day = 0; day < 25; ++day) Apply(CreateRun{MakeRun("r" + std::to_string(day), day)});
  const std::vector<Change> changes = TakeAll(10);
  ASSERT_EQ(changes.size(), 25u);
  for (int day = 0; day < 25; ++day) {
    const auto i = static_cast<size_t>(day);
    EXPECT_EQ(As<RunRecord>(changes[i]).key.run_id, "r" + std::to_string(day));
    EXPECT_TRUE(day == 0 || changes[i].sequence > changes[i - 1].sequence);
  }
}

TEST_P(StoreConformance, FeedTellsTheRowAsItIsNow) {
  const RunKey run = StartRun();
  ASSERT_TRUE(Apply(Decide(Task(run, "extract"), TaskState::kScheduled)));
  ASSERT_TRUE(Apply(Decide(Task(run, "extract"), TaskState::kSuccess)));
  for (const Change& change : TakeAll()) {
    EXPECT_EQ(As<TaskRecord>(change).state, TaskState::kSuccess);
  }
}

TEST_P(StoreConformance, FeedIsSilentAboutTaskInstancesWithoutState) {
  Sync(MakeFile(kFile, {etl_}));
  Apply(CreateRun{MakeRun("r1", 0)});
  TakeAll();
  Apply(CreateTasks{Key("r1"), etl_.dag, {0, 1}});
  EXPECT_FALSE(store().HasChanges().value());
}

TEST_P(StoreConformance, FeedTellsOfATaskInstanceThatIsCleared) {
  const RunKey run = StartRun();
  ASSERT_TRUE(Apply(Decide(Task(run, "load"), TaskState::kFailed)));
  TakeAll();
  ASSERT_TRUE(Apply(Decide(Task(run, "load"), TaskState::kNone)));
  EXPECT_EQ(OnlyOne<TaskRecord>(TakeAll()).state, TaskState::kNone);
}

TEST_P(StoreConformance, FeedIsSilentAboutAWriteThatChangesNothing) {
  const RunKey run = StartRun();
  ASSERT_TRUE(others().WriteTask(Task(run, "load")).ok());
  ASSERT_TRUE(others().SetPool("default_pool", 128).ok());
  ASSERT_TRUE(others().SetPaused("etl", false).ok());
  Sync(MakeFile(kFile, {etl_}), false, At(77));
  EXPECT_FALSE(store().HasChanges().value());
}

TEST_P(StoreConformance, FeedDeliversTheEditsOfOthers) {
  const RunKey run = StartRun();
  TaskRecord task = Task(run, "extract");
  task.state = TaskState::kFailed;
  task.end_date = At(9);
  ASSERT_TRUE(others().WriteTask(task).ok());
  EXPECT_TRUE(store().HasChanges().value());
  EXPECT_EQ(OnlyOne<TaskRecord>(TakeAll()).state, TaskState::kFailed);

  ASSERT_TRUE(others().CreateRun(MakeRun("r2", 1)).ok());
  EXPECT_EQ(OnlyOne<RunRecord>(TakeAll()).key.run_id, "r2");
  ASSERT_TRUE(others().SetPaused("etl", true).ok());
  EXPECT_TRUE(OnlyOne<DagRecord>(TakeAll()).is_paused);
  ASSERT_TRUE(others().SetPool("wide", 3).ok());
  EXPECT_EQ(OnlyOne<PoolRecord>(TakeAll()).slots, 3);
  ASSERT_TRUE(others().SetPool("wide", -1).ok());
  EXPECT_EQ(OnlyOne<PoolRecord>(TakeAll()).slots, -1);
}

TEST_P(StoreConformance, FeedTellsOfRowsThatAreGone) {
  const RunKey run = StartRun();
  ASSERT_TRUE(others().DeleteTask(run, "load", -1).ok());
  const auto task = OnlyOne<TaskGone>(TakeAll());
  EXPECT_EQ(task.run, run);
  EXPECT_EQ(task.task_id, "load");
  EXPECT_EQ(task.map_index, -1);

  ASSERT_TRUE(others().SetPool("wide", 3).ok());
  TakeAll();
  ASSERT_TRUE(others().DeletePool("wide").ok());
  EXPECT_EQ(OnlyOne<PoolGone>(TakeAll()).name, "wide");
}

TEST_P(StoreConformance, TheEndOfARunIsOneChange) {
  const RunKey run = StartRun();
  ChangeTask end = Decide(Task(run, "extract"), TaskState::kSuccess);
  end.xcoms = {{"return_value", "1"}};
  ASSERT_TRUE(Apply(end));
  TakeAll();
  ASSERT_TRUE(others().DeleteRun(run).ok());
  EXPECT_EQ(OnlyOne<RunGone>(TakeAll()).run, run);
  EXPECT_FALSE(LoadRun(run));
  EXPECT_EQ(Begin()->XCom(run, "extract", -1, "return_value").value(), std::nullopt);
  EXPECT_FALSE(Apply(CreateTasks{run, etl_.dag, {0}}));
}

TEST_P(StoreConformance, TheEndOfADagEndsItsRuns) {
  const RunKey run = StartRun();
  ASSERT_TRUE(others().DeleteDag("etl").ok());
  std::set<std::string> gone;
  for (const Change& change : TakeAll()) {
    if (const auto* dag = std::get_if<DagGone>(&change.row)) gone.insert("dag " + dag->dag_id);
    if (const auto* row = std::get_if<RunGone>(&change.row)) gone.insert("run " + row->run.run_id);
  }
  EXPECT_EQ(gone, (std::set<std::string>{"dag etl", "run r1"}));
  EXPECT_FALSE(LoadDag("etl"));
  EXPECT_FALSE(LoadRun(run));
}

TEST_P(StoreConformance, ARunThatCameAndWentIsGone) {
  Apply(CreateRun{MakeRun("r1", 0)});
  ASSERT_TRUE(others().DeleteRun(Key("r1")).ok());
  for (const Change& change : TakeAll()) {
    EXPECT_TRUE(std::holds_alternative<RunGone>(change.row));
  }
}

TEST_P(StoreConformance, ASnapshotContainsWhatWasToBeTaken) {
  Sync(MakeFile(kFile, {etl_}));
  Apply(CreateRun{MakeRun("r1", 0)});
  EXPECT_EQ(store().LoadActive().value().runs.size(), 1u);
  EXPECT_FALSE(store().HasChanges().value());
  Apply(CreateRun{MakeRun("r2", 1)});
  EXPECT_EQ(OnlyOne<RunRecord>(TakeAll()).key.run_id, "r2");
}

TEST_P(StoreConformance, FeedGoesOnAfterLongUse) {
  const RunKey run = StartRun();
  ChangeTask change = Decide(Task(run, "extract"), TaskState::kNone);
  for (int round = 0; round < 15; ++round) {
    auto transaction = Begin();
    for (int i = 0; i < 1000; ++i) {
      change.from_try = round * 1000 + i;
      change.try_number = change.from_try + 1;
      ASSERT_TRUE(transaction->Apply(change).value());
    }
    while (!transaction->TakeChanges(500).value().empty()) {
    }
    ASSERT_TRUE(transaction->Commit().ok());
  }
  EXPECT_FALSE(store().HasChanges().value());
  Apply(CreateRun{MakeRun("r2", 1)});
  EXPECT_EQ(OnlyOne<RunRecord>(TakeAll()).key.run_id, "r2");
}

}  // namespace
}  // namespace beeflow
