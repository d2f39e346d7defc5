// The fixture, and the tests of transitions and reads.
#include "store/conformance.h"

#include <algorithm>
#include <utility>

#include "base/json.h"

namespace beeflow {

void StoreConformance::SetUp() {
  fixture_ = GetParam().make();
  ASSERT_NE(fixture_, nullptr);
}

std::unique_ptr<Transaction> StoreConformance::Begin() {
  auto transaction = store().Begin();
  return std::move(transaction.value());
}

Time StoreConformance::At(int64_t seconds) {
  return std::chrono::sys_days(std::chrono::year(2024) / 1 / 1) + std::chrono::seconds(seconds);
}

ParsedDag StoreConformance::MakeDag(const std::string& dag_id, const std::string& more_fields) {
  const std::string text = R"({"version": 1, "dag_id": ")" + dag_id + R"(", )" + more_fields +
                           R"("owners": ["ann", "bob"], "tasks": [
      {"task_id": "extract", "downstream": ["load"], "retries": 2, "operator": "BashOperator",
       "pool": "wide", "pool_slots": 3, "queue": "fast", "priority_weight": 5},
      {"task_id": "load"}]})";
  ParsedDag parsed;
  parsed.dag = DagFromJson(ParseJson(text).value()).value();
  parsed.data = text;
  parsed.hash = HashText(text);
  return parsed;
}

ParsedFile StoreConformance::MakeFile(const std::string& path, std::vector<ParsedDag> dags) {
  ParsedFile file;
  file.path = path;
  file.code = "# " + path;
  file.dags = std::move(dags);
  return file;
}

RunRecord StoreConformance::MakeRun(const std::string& run_id, int day) {
  RunRecord run;
  run.key = Key(run_id);
  run.logical_date = At(day * 86400);
  run.interval = DataInterval{At(day * 86400), At((day + 1) * 86400)};
  run.queued_at = At(day * 86400 + 5);
  run.external_trigger = true;
  run.conf = R"({"rows":3})";
  return run;
}

bool StoreConformance::Apply(const Transition& transition) {
  auto transaction = Begin();
  const bool applied = transaction->Apply(transition).value();
  EXPECT_TRUE(transaction->Commit().ok());
  return applied;
}

void StoreConformance::Sync(const ParsedFile& file, bool paused, Time now) {
  auto transaction = Begin();
  const Status synced = transaction->SyncFile(file, paused, now);
  EXPECT_TRUE(synced.ok()) << synced.error().message;
  EXPECT_TRUE(transaction->Commit().ok());
}

std::vector<Change> StoreConformance::TakeAll(size_t max) {
  std::vector<Change> all;
  auto transaction = Begin();
  while (true) {
    std::vector<Change> batch = transaction->TakeChanges(max).value();
    EXPECT_LE(batch.size(), max);
    if (batch.empty()) break;
    all.insert(all.end(), batch.begin(), batch.end());
  }
  EXPECT_TRUE(transaction->Commit().ok());
  return all;
}

std::optional<RunSnapshot> StoreConformance::LoadRun(const RunKey& run) {
  return Begin()->LoadRun(run).value();
}

std::optional<DagSnapshot> StoreConformance::LoadDag(const std::string& dag_id) {
  return Begin()->LoadDag(dag_id).value();
}

TaskRecord StoreConformance::Task(const RunKey& run, const std::string& task_id) {
  const auto snapshot = LoadRun(run);
  EXPECT_TRUE(snapshot.has_value());
  if (!snapshot) return {};
  for (const TaskRecord& task : snapshot->tasks) {
    if (task.task_id == task_id) return task;
  }
  ADD_FAILURE() << "no task instance " << task_id;
  return {};
}

RunKey StoreConformance::StartRun(const std::string& run_id, int day) {
  Sync(MakeFile(kFile, {etl_}));
  EXPECT_TRUE(Apply(CreateRun{MakeRun(run_id, day)}));
  EXPECT_TRUE(Apply(ChangeRun{Key(run_id), RunState::kQueued, RunState::kRunning,
                              At(day * 86400 + 6), std::nullopt, ""}));
  EXPECT_TRUE(Apply(CreateTasks{Key(run_id), etl_.dag, {0, 1}}));
  TakeAll();
  return Key(run_id);
}

ChangeTask StoreConformance::Decide(const TaskRecord& task, TaskState state) {
  ChangeTask change;
  change.run = task.run;
  change.dag = etl_.dag;
  change.task_id = task.task_id;
  change.map_index = task.map_index;
  change.from = task.state;
  change.from_try = task.try_number;
  change.from_attempt = task.attempt;
  change.to = state;
  change.try_number = task.try_number;
  change.attempt = task.attempt;
  return change;
}

namespace {

TEST_P(StoreConformance, StartsWithTheDefaultPoolAndNothingElse) {
  const Snapshot snapshot = store().LoadActive().value();
  EXPECT_TRUE(snapshot.dags.empty());
  EXPECT_TRUE(snapshot.runs.empty());
  ASSERT_EQ(snapshot.pools.size(), 1u);
  EXPECT_EQ(snapshot.pools[0].name, "default_pool");
  EXPECT_EQ(snapshot.pools[0].slots, 128);
}

TEST_P(StoreConformance, CreatesARunAsItWasDecided) {
  const RunRecord run = MakeRun("r1", 3);
  EXPECT_TRUE(Apply(CreateRun{run}));
  const auto stored = LoadRun(run.key);
  ASSERT_TRUE(stored);
  EXPECT_NE(stored->run.id, 0);
  EXPECT_EQ(stored->run.key, run.key);
  EXPECT_EQ(stored->run.state, RunState::kQueued);
  EXPECT_EQ(stored->run.type, RunType::kManual);
  EXPECT_EQ(stored->run.logical_date, run.logical_date);
  EXPECT_EQ(stored->run.interval, run.interval);
  EXPECT_EQ(stored->run.queued_at, run.queued_at);
  EXPECT_EQ(stored->run.start_date, std::nullopt);
  EXPECT_TRUE(stored->run.external_trigger);
  EXPECT_EQ(stored->run.conf, run.conf);
  EXPECT_TRUE(stored->tasks.empty());
}

TEST_P(StoreConformance, ARunIdAndALogicalDateAreTakenOnce) {
  EXPECT_TRUE(Apply(CreateRun{MakeRun("r1", 0)}));
  RunRecord same_id = MakeRun("r1", 1);
  EXPECT_FALSE(Apply(CreateRun{same_id}));
  EXPECT_FALSE(Apply(CreateRun{MakeRun("r2", 0)}));
  EXPECT_EQ(LoadRun(Key("r1"))->run.logical_date, At(0));
  EXPECT_FALSE(LoadRun(Key("r2")));
  RunRecord other_dag = MakeRun("r1", 0);
  other_dag.key.dag_id = "other";
  EXPECT_TRUE(Apply(CreateRun{other_dag}));
}

TEST_P(StoreConformance, ChangesARunOnlyFromTheStateThatWasDecidedOn) {
  Apply(CreateRun{MakeRun("r1", 0)});
  const ChangeRun start{Key("r1"), RunState::kQueued, RunState::kRunning, At(10), {}, ""};
  EXPECT_TRUE(Apply(start));
  EXPECT_FALSE(Apply(start));
  EXPECT_TRUE(
      Apply(ChangeRun{Key("r1"), RunState::kRunning, RunState::kFailed, {}, At(20), "timed out"}));
  const RunRecord run = LoadRun(Key("r1"))->run;
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(run.start_date, At(10));
  EXPECT_EQ(run.end_date, At(20));
  EXPECT_FALSE(Apply(ChangeRun{Key("none"), RunState::kQueued, RunState::kRunning, {}, {}, ""}));
}

TEST_P(StoreConformance, ARunThatGoesOnHasNoEnd) {
  Apply(CreateRun{MakeRun("r1", 0)});
  Apply(ChangeRun{Key("r1"), RunState::kQueued, RunState::kFailed, At(10), At(20), ""});
  Apply(ChangeRun{Key("r1"), RunState::kFailed, RunState::kRunning, At(30), {}, ""});
  EXPECT_EQ(LoadRun(Key("r1"))->run.end_date, std::nullopt);
  EXPECT_EQ(LoadRun(Key("r1"))->run.start_date, At(30));
}

TEST_P(StoreConformance, CreatesTaskInstancesInStateNone) {
  const RunKey run = StartRun();
  const TaskRecord extract = Task(run, "extract");
  EXPECT_EQ(extract.run, run);
  EXPECT_EQ(extract.state, TaskState::kNone);
  EXPECT_EQ(extract.map_index, -1);
  EXPECT_EQ(extract.try_number, 0);
  EXPECT_EQ(extract.max_tries, 2);
  EXPECT_EQ(extract.attempt, 0u);
  EXPECT_EQ(LoadRun(run)->tasks.size(), 2u);
}

TEST_P(StoreConformance, TaskInstancesThatExistStay) {
  const RunKey run = StartRun();
  ASSERT_TRUE(Apply(Decide(Task(run, "extract"), TaskState::kScheduled)));
  EXPECT_TRUE(Apply(CreateTasks{run, etl_.dag, {0, 1}}));
  EXPECT_EQ(Task(run, "extract").state, TaskState::kScheduled);
  EXPECT_EQ(LoadRun(run)->tasks.size(), 2u);
}

TEST_P(StoreConformance, NoTaskInstancesWithoutTheirRun) {
  EXPECT_FALSE(Apply(CreateTasks{Key("gone"), etl_.dag, {0}}));
}

TEST_P(StoreConformance, CarriesATaskInstanceThroughItsLife) {
  const RunKey run = StartRun();
  ASSERT_TRUE(Apply(Decide(Task(run, "extract"), TaskState::kScheduled)));

  ChangeTask queue = Decide(Task(run, "extract"), TaskState::kQueued);
  queue.try_number = 1;
  queue.attempt = 0xabcdef0123456789;
  queue.queued_at = At(50);
  ASSERT_TRUE(Apply(queue));
  TaskRecord task = Task(run, "extract");
  EXPECT_EQ(task.state, TaskState::kQueued);
  EXPECT_EQ(task.try_number, 1);
  EXPECT_EQ(task.attempt, 0xabcdef0123456789);

  ChangeTask begin = Decide(task, TaskState::kRunning);
  begin.start_date = At(51);
  begin.hostname = "host";
  begin.pid = 42;
  ASSERT_TRUE(Apply(begin));
  task = Task(run, "extract");
  EXPECT_EQ(task.start_date, At(51));
  EXPECT_EQ(task.end_date, std::nullopt);

  ChangeTask end = Decide(task, TaskState::kSuccess);
  end.end_date = At(60);
  end.max_tries = 7;
  ASSERT_TRUE(Apply(end));
  task = Task(run, "extract");
  EXPECT_EQ(task.state, TaskState::kSuccess);
  EXPECT_EQ(task.start_date, At(51));
  EXPECT_EQ(task.end_date, At(60));
  EXPECT_EQ(task.max_tries, 7);
}

TEST_P(StoreConformance, AGuardThatNoLongerHoldsChangesNothing) {
  const RunKey run = StartRun();
  ChangeTask queue = Decide(Task(run, "extract"), TaskState::kQueued);
  queue.try_number = 1;
  queue.attempt = 5;
  ASSERT_TRUE(Apply(queue));
  const TaskRecord task = Task(run, "extract");

  ChangeTask wrong_state = Decide(task, TaskState::kRunning);
  wrong_state.from = TaskState::kScheduled;
  wrong_state.xcoms = {{"return_value", "1"}};
  EXPECT_FALSE(Apply(wrong_state));
  ChangeTask wrong_try = Decide(task, TaskState::kRunning);
  wrong_try.from_try = 2;
  EXPECT_FALSE(Apply(wrong_try));
  ChangeTask wrong_attempt = Decide(task, TaskState::kRunning);
  wrong_attempt.from_attempt = 6;
  EXPECT_FALSE(Apply(wrong_attempt));
  ChangeTask no_attempt = Decide(task, TaskState::kRunning);
  no_attempt.from_attempt = 0;
  EXPECT_FALSE(Apply(no_attempt));
  ChangeTask wrong_index = Decide(task, TaskState::kRunning);
  wrong_index.map_index = 0;
  EXPECT_FALSE(Apply(wrong_index));

  EXPECT_EQ(Task(run, "extract").state, TaskState::kQueued);
  EXPECT_EQ(Begin()->XCom(run, "extract", -1, "return_value").value(), std::nullopt);
}

TEST_P(StoreConformance, ATryThatBeginsHasNoEndYet) {
  const RunKey run = StartRun();
  ChangeTask queue = Decide(Task(run, "extract"), TaskState::kQueued);
  queue.attempt = 7;
  ASSERT_TRUE(Apply(queue));
  ChangeTask fail = Decide(Task(run, "extract"), TaskState::kUpForRetry);
  fail.start_date = At(10);
  fail.end_date = At(20);
  fail.task_failed = true;
  fail.usage = AttemptUsage{"direct", "", 0.1, 0.2, 0.3, 4096, 1, std::nullopt};
  fail.reason = "exit code 1";
  ASSERT_TRUE(Apply(fail));
  ChangeTask again = Decide(Task(run, "extract"), TaskState::kRunning);
  again.start_date = At(30);
  ASSERT_TRUE(Apply(again));
  EXPECT_EQ(Task(run, "extract").start_date, At(30));
  EXPECT_EQ(Task(run, "extract").end_date, std::nullopt);
}

TEST_P(StoreConformance, AnEndThatIsRefusedIsRecordedAllTheSame) {
  const RunKey run = StartRun();
  ChangeTask end = Decide(Task(run, "extract"), TaskState::kSuccess);
  end.from_try = 5;  // the task instance has other tries meanwhile
  end.from_attempt = 7;
  end.usage = AttemptUsage{"cold", "h:1/e1", 0.1, 0.2, 0.3, 4096, 0, std::nullopt};
  EXPECT_FALSE(Apply(end));
  EXPECT_EQ(Task(run, "extract").state, TaskState::kNone);
  RecordAttempt same;
  same.run = run;
  same.task_id = "extract";
  same.attempt = 7;
  EXPECT_FALSE(Apply(same));  // is there
}

// The same end may be told twice, once before and once after its task instance has gone on.
TEST_P(StoreConformance, TheEndOfAnAttemptIsRecordedOnce) {
  const RunKey run = StartRun();
  RecordAttempt late;
  late.run = run;
  late.task_id = "extract";
  late.attempt = 7;
  late.try_number = 1;
  late.start_date = At(10);
  late.end_date = At(20);
  late.usage = AttemptUsage{"cold", "h:1/e1", 0.1, 0.2, 0.3, 4096, std::nullopt, 9};
  late.reason = "its task instance was changed to success";
  {
    auto transaction = Begin();
    EXPECT_TRUE(transaction->Apply(late).value());  // and not committed
  }
  EXPECT_TRUE(Apply(late));
  EXPECT_FALSE(Apply(late));
  EXPECT_EQ(Task(run, "extract").state, TaskState::kNone);

  ChangeTask queue = Decide(Task(run, "load"), TaskState::kQueued);
  queue.attempt = 8;
  queue.try_number = 1;
  ASSERT_TRUE(Apply(queue));
  ChangeTask end = Decide(Task(run, "load"), TaskState::kSuccess);
  end.usage = late.usage;
  ASSERT_TRUE(Apply(end));
  late.task_id = "load";
  late.attempt = 8;
  EXPECT_FALSE(Apply(late));
  late.try_number = 2;  // somebody has edited it meanwhile
  EXPECT_FALSE(Apply(late));
  late.attempt = 9;
  EXPECT_TRUE(Apply(late));

  late.run = Key("none");
  EXPECT_FALSE(Apply(late));
  ASSERT_TRUE(others().DeleteRun(run).ok());
  late.run = run;
  EXPECT_FALSE(Apply(late));
  ASSERT_TRUE(Apply(CreateRun{MakeRun("r1", 0)}));
  EXPECT_TRUE(Apply(late));
}

TEST_P(StoreConformance, ATaskThatLeftItsDagCanStillChange) {
  const RunKey run = StartRun();
  ChangeTask change = Decide(Task(run, "load"), TaskState::kRemoved);
  change.dag = nullptr;
  EXPECT_TRUE(Apply(change));
  EXPECT_EQ(Task(run, "load").state, TaskState::kRemoved);
}

TEST_P(StoreConformance, KeepsXComsUntilANewTryClearsThem) {
  const RunKey run = StartRun();
  ChangeTask end = Decide(Task(run, "extract"), TaskState::kSuccess);
  end.xcoms = {{"return_value", R"({"rows": [1, 2]})"}, {"note", R"("é")"}};
  ASSERT_TRUE(Apply(end));
  const auto read = [&](const char* key) { return Begin()->XCom(run, "extract", -1, key).value(); };
  EXPECT_EQ(read("return_value"), R"({"rows": [1, 2]})");
  EXPECT_EQ(read("note"), R"("é")");
  EXPECT_EQ(read("missing"), std::nullopt);

  ChangeTask again = Decide(Task(run, "extract"), TaskState::kQueued);
  again.clear_xcoms = true;
  again.xcoms = {{"note", "2"}};
  ASSERT_TRUE(Apply(again));
  EXPECT_EQ(read("return_value"), std::nullopt);
  EXPECT_EQ(read("note"), "2");
}

TEST_P(StoreConformance, KeepsTheNextRunOfADag) {
  Sync(MakeFile(kFile, {etl_}));
  const DataInterval interval{At(0), At(86400)};
  EXPECT_TRUE(Apply(SetNextRun{"etl", At(0), interval, At(86400)}));
  EXPECT_EQ(LoadDag("etl")->record.next_logical_date, At(0));
  EXPECT_EQ(LoadDag("etl")->record.next_interval, interval);
  EXPECT_EQ(LoadDag("etl")->record.next_create_after, At(86400));
  EXPECT_TRUE(Apply(SetNextRun{"etl", {}, {}, {}}));
  EXPECT_EQ(LoadDag("etl")->record.next_logical_date, std::nullopt);
  EXPECT_EQ(LoadDag("etl")->record.next_interval, std::nullopt);
  EXPECT_FALSE(Apply(SetNextRun{"none", {}, {}, {}}));
}

TEST_P(StoreConformance, AcceptsNotices) {
  EXPECT_TRUE(Apply(Notice{Key("r1"), "extract", "waiting", "pool 'wide' does not exist", {}}));
}

TEST_P(StoreConformance, AMissedSlaIsNotedOnce) {
  const RunKey run = StartRun();
  const MissSla missed{run, "load", At(3600)};
  {
    auto transaction = Begin();
    EXPECT_TRUE(transaction->Apply(missed).value());  // and not committed
  }
  EXPECT_TRUE(Apply(missed));
  EXPECT_FALSE(Apply(missed));
  EXPECT_TRUE(Apply(MissSla{run, "extract", At(3600)}));
  EXPECT_TRUE(Apply(NoteSlaTold{run, {"load", "extract"}, false, true}));
  EXPECT_FALSE(Apply(missed));
  EXPECT_FALSE(Apply(MissSla{Key("none"), "load", At(3600)}));
  EXPECT_FALSE(Apply(NoteSlaTold{Key("none"), {"load"}, false, true}));
  // A run that is made again may miss it again.
  ASSERT_TRUE(others().DeleteRun(run).ok());
  ASSERT_TRUE(Apply(CreateRun{MakeRun("r1", 0)}));
  EXPECT_TRUE(Apply(missed));
}

TEST_P(StoreConformance, WhatIsNotCommittedIsUndone) {
  const RunKey run = StartRun();
  {
    const ChangeTask schedule = Decide(Task(run, "extract"), TaskState::kScheduled);
    auto transaction = Begin();
    ASSERT_TRUE(transaction->Apply(CreateRun{MakeRun("r2", 1)}).value());
    ASSERT_TRUE(transaction->Apply(schedule).value());
    EXPECT_TRUE(transaction->LoadRun(Key("r2")).value());
  }
  EXPECT_FALSE(LoadRun(Key("r2")));
  EXPECT_EQ(Task(run, "extract").state, TaskState::kNone);
  EXPECT_FALSE(store().HasChanges().value());
}

TEST_P(StoreConformance, FindsThePreviousRun) {
  Sync(MakeFile(kFile, {etl_}));
  RunRecord scheduled = MakeRun("s1", 1);
  scheduled.type = RunType::kScheduled;
  Apply(CreateRun{scheduled});
  Apply(CreateRun{MakeRun("m2", 2)});
  Apply(CreateTasks{Key("m2"), etl_.dag, {0}});
  RunRecord backfill = MakeRun("b3", 3);
  backfill.type = RunType::kBackfill;
  Apply(CreateRun{backfill});
  RunRecord foreign = MakeRun("f", 3);
  foreign.key.dag_id = "other";
  Apply(CreateRun{foreign});

  auto transaction = Begin();
  const auto previous = [&](int day, bool scheduled_only) {
    const auto run = transaction->LoadPreviousRun("etl", At(day * 86400), scheduled_only).value();
    return run ? run->run.key.run_id : "";
  };
  EXPECT_EQ(previous(4, false), "b3");
  EXPECT_EQ(previous(3, false), "m2");
  EXPECT_EQ(previous(2, false), "s1");
  EXPECT_EQ(previous(1, false), "");
  EXPECT_EQ(previous(4, true), "b3");
  EXPECT_EQ(previous(3, true), "s1");
  EXPECT_EQ(previous(1, true), "");
  EXPECT_EQ(transaction->LoadPreviousRun("etl", At(3 * 86400), false).value()->tasks.size(), 1u);
}

TEST_P(StoreConformance, LoadsWhatIsActive) {
  StartRun("running", 0);
  Apply(CreateRun{MakeRun("queued", 1)});
  StartRun("done", 2);
  Apply(ChangeRun{Key("done"), RunState::kRunning, RunState::kSuccess, {}, At(9), ""});
  StartRun("orphan", 3);
  ChangeTask holds = Decide(Task(Key("orphan"), "load"), TaskState::kRunning);
  holds.attempt = 9;
  ASSERT_TRUE(Apply(holds));
  Apply(ChangeRun{Key("orphan"), RunState::kRunning, RunState::kFailed, {}, At(9), ""});

  const Snapshot snapshot = store().LoadActive().value();
  ASSERT_EQ(snapshot.dags.size(), 1u);
  EXPECT_EQ(snapshot.dags[0].record.dag_id, "etl");
  EXPECT_EQ(snapshot.dags[0].dag->tasks.size(), 2u);
  std::vector<std::pair<std::string, size_t>> runs;
  for (const RunSnapshot& run : snapshot.runs) {
    runs.emplace_back(run.run.key.run_id, run.tasks.size());
  }
  std::sort(runs.begin(), runs.end());
  const std::vector<std::pair<std::string, size_t>> expected = {
      {"orphan", 2}, {"queued", 0}, {"running", 2}};
  EXPECT_EQ(runs, expected);
}

TEST_P(StoreConformance, KnowsWhereTheScheduleGoesOn) {
  Sync(MakeFile(kFile, {etl_}));
  EXPECT_EQ(LoadDag("etl")->last_automated_interval, std::nullopt);
  RunRecord scheduled = MakeRun("s1", 1);
  scheduled.type = RunType::kScheduled;
  Apply(CreateRun{scheduled});
  Apply(CreateRun{MakeRun("m2", 2)});
  EXPECT_EQ(LoadDag("etl")->last_automated_interval, scheduled.interval);
}

TEST_P(StoreConformance, WhatIsCommittedOutlivesTheStore) {
  const RunKey run = StartRun();
  ChangeTask queue = Decide(Task(run, "extract"), TaskState::kQueued);
  queue.attempt = 3;
  queue.try_number = 1;
  ASSERT_TRUE(Apply(queue));
  TakeAll();
  ASSERT_TRUE(Apply(CreateRun{MakeRun("r2", 1)}));
  if (!others().Reopen()) GTEST_SKIP() << "nothing outlives this store";
  EXPECT_EQ(Task(run, "extract").attempt, 3u);
  EXPECT_EQ(LoadDag("etl")->record.file, kFile);
  // The feed goes on where it was.
  const std::vector<Change> changes = TakeAll();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(As<RunRecord>(changes[0]).key, Key("r2"));
}

}  // namespace
}  // namespace beeflow
