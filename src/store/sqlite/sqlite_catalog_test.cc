#include <gtest/gtest.h>

#include <utility>

#include "store/sql/sql_catalog.h"
#include "store/sql/sql_export.h"
#include "store/sql/sql_store.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

constexpr const char* kDag = R"({"version": 1, "dag_id": "etl", "description": "Nightly load",
  "schedule": {"kind": "cron", "expression": "0 6 * * *", "timezone": "UTC"},
  "max_active_runs": 3, "tags": ["prod", "daily"], "owners": ["ann", "bob"],
  "tasks": [{"task_id": "zeta", "retries": 2, "downstream": ["alpha"], "operator": "BashOperator"},
            {"task_id": "alpha", "downstream": ["mid"]}, {"task_id": "mid"}]})";

Time At(int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

class SqliteCatalogTest : public testing::Test {
 protected:
  SqliteCatalogTest() {
    ParsedDag dag;
    dag.dag = dag_;
    dag.data = kDag;
    dag.hash = HashText(kDag);
    ParsedFile file;
    file.path = "/dags/etl.py";
    file.code = "print('etl')";
    file.dags = {dag};
    Sync(file);
  }

  void Sync(const ParsedFile& file) {
    auto transaction = Taken(store_->Begin());
    EXPECT_TRUE(transaction->SyncFile(file, true, At(1000)).ok());
    EXPECT_TRUE(transaction->Commit().ok());
  }
  void Apply(const Transition& transition) {
    auto transaction = Taken(store_->Begin());
    EXPECT_TRUE(transaction->Apply(transition).value());
    EXPECT_TRUE(transaction->Commit().ok());
  }
  static RunRecord MakeRun(const std::string& run_id, int64_t second) {
    RunRecord run;
    run.key = {"etl", run_id};
    run.logical_date = At(second);
    run.queued_at = At(second);
    run.external_trigger = true;
    return run;
  }
  // A run whose tasks have the given states, in the DAG's order.
  RunKey StartRun(const std::vector<TaskState>& states, const std::string& run_id = "r1",
                  int64_t date = 1) {
    EXPECT_TRUE(catalog_->CreateRun(MakeRun(run_id, date)).ok());
    const RunKey key{"etl", run_id};
    Apply(ChangeRun{key, RunState::kQueued, RunState::kRunning, At(2), {}, ""});
    Apply(CreateTasks{key, dag_, {0, 1, 2}});
    for (size_t i = 0; i < states.size(); ++i) SetState(key, dag_->tasks[i].id, states[i]);
    return key;
  }
  void SetState(const RunKey& run, const std::string& task_id, TaskState state) {
    if (state == TaskState::kNone) return;
    ChangeTask change;
    change.run = run;
    change.dag = dag_;
    change.task_id = task_id;
    change.to = state;
    change.try_number = 1;
    change.attempt = 7;
    change.start_date = At(10);
    if (IsFinished(state)) change.end_date = At(12);
    Apply(change);
  }
  static ClearSelection AllOf(const std::vector<std::string>& runs) {
    ClearSelection selection;
    selection.dag_id = "etl";
    selection.runs = runs;
    return selection;
  }
  static std::string Names(const std::vector<ClearedTask>& tasks) {
    std::string names;
    for (const ClearedTask& task : tasks) {
      names += (names.empty() ? "" : " ") + task.run_id + "." + task.task_id + ":" +
               std::string(ToString(task.state));
    }
    return names;
  }
  std::string States(const RunKey& run) {
    std::string states;
    for (const TaskInfo& task : Taken(catalog_->Tasks(run))) {
      const std::string_view state = ToString(task.record.state);
      states += (states.empty() ? "" : " ") + std::string(state.empty() ? "none" : state);
    }
    return states;
  }

  TempDatabase file_;
  std::unique_ptr<SqlStore> store_ =
      Taken(sqlite::OpenStore(file_.path(), sqlite::OpenMode::kCreate));
  std::unique_ptr<SqlCatalog> catalog_ =
      Taken(sqlite::OpenAs<SqlCatalog>(file_.path(), sqlite::OpenMode::kExisting));
  std::shared_ptr<const Dag> dag_ = DagFromJson(ParseJson(kDag).value()).value();
};

TEST_F(SqliteCatalogTest, ShowsADag) {
  const DagInfo dag = Taken(catalog_->Dag("etl"));
  EXPECT_EQ(dag.record.file, "/dags/etl.py");
  EXPECT_EQ(dag.description, "Nightly load");
  EXPECT_EQ(dag.owners, (std::vector<std::string>{"ann", "bob"}));
  EXPECT_EQ(dag.tags, (std::vector<std::string>{"daily", "prod"}));
  EXPECT_EQ(dag.schedule, "0 6 * * *");
  EXPECT_EQ(dag.max_active_runs, 3);
  EXPECT_EQ(dag.display_name, "etl");
  EXPECT_FALSE(dag.has_task_concurrency_limits);
  EXPECT_EQ(dag.last_parsed, At(1000));
  EXPECT_FALSE(dag.has_import_errors);
  EXPECT_EQ(Taken(catalog_->Source("etl")), "print('etl')");
  EXPECT_EQ(Taken(catalog_->SerializedDag("etl")), kDag);
  EXPECT_EQ(Taken(catalog_->Model("etl"))->tasks.size(), 3u);
  EXPECT_EQ(catalog_->Dag("none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(catalog_->Model("none").error().code, ErrorCode::kNotFound);
}

TEST_F(SqliteCatalogTest, ListsActiveDagsOrAll) {
  ParsedFile empty;
  empty.path = "/dags/etl.py";
  EXPECT_EQ(Taken(catalog_->Dags(true)).size(), 1u);
  Sync(empty);
  EXPECT_EQ(Taken(catalog_->Dags(true)).size(), 0u);
  EXPECT_EQ(Taken(catalog_->Dags(false)).size(), 1u);
}

TEST_F(SqliteCatalogTest, ShowsImportErrorsWithFileAndLine) {
  ParsedFile broken;
  broken.path = "/dags/etl.py";
  broken.error = ImportError{"NameError: x", 3, "Traceback"};
  Sync(broken);
  const auto errors = Taken(catalog_->ImportErrors());
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].file, "/dags/etl.py");
  EXPECT_EQ(errors[0].stacktrace, "NameError: x\n/dags/etl.py:3\nTraceback");
  EXPECT_EQ(errors[0].timestamp, At(1000));
  EXPECT_TRUE(Taken(catalog_->Dag("etl")).has_import_errors);
}

TEST_F(SqliteCatalogTest, ASecondFileWithTheSameDagIsAnImportErrorThatNamesTheFirst) {
  ParsedFile copy;
  copy.path = "/dags/copy.py";
  copy.dags = {{dag_, kDag, "h"}};
  Sync(copy);
  const auto errors = Taken(catalog_->ImportErrors());
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].file, "/dags/copy.py");
  EXPECT_NE(errors[0].stacktrace.find("/dags/etl.py"), std::string::npos);
}

TEST_F(SqliteCatalogTest, PausesForTheControlLoopToSee) {
  ASSERT_TRUE(store_->LoadActive().ok());
  ASSERT_TRUE(catalog_->SetPaused("etl", false).ok());
  EXPECT_TRUE(store_->HasChanges().value());
  EXPECT_EQ(catalog_->SetPaused("none", false).error().code, ErrorCode::kNotFound);
}

TEST_F(SqliteCatalogTest, CreatesARunOnce) {
  const RunRecord run = Taken(catalog_->CreateRun(MakeRun("r1", 5)));
  EXPECT_NE(run.id, 0);
  EXPECT_EQ(run.state, RunState::kQueued);
  EXPECT_EQ(file_.Edit("SELECT dag_hash FROM dag_run"), HashText(kDag));
  EXPECT_EQ(catalog_->CreateRun(MakeRun("r1", 6)).error().code, ErrorCode::kConflict);
  EXPECT_EQ(catalog_->CreateRun(MakeRun("r2", 5)).error().code, ErrorCode::kConflict);
  RunRecord other = MakeRun("r1", 5);
  other.key.dag_id = "none";
  EXPECT_EQ(catalog_->CreateRun(other).error().code, ErrorCode::kNotFound);
}

TEST_F(SqliteCatalogTest, FindsRunsByFilter) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(catalog_->CreateRun(MakeRun("r" + std::to_string(i), i * 10)).ok());
  }
  Apply(ChangeRun{{"etl", "r4"}, RunState::kQueued, RunState::kFailed, {}, At(50), ""});
  const auto names = [&](const RunFilter& filter) {
    std::string out;
    for (const RunRecord& run : Taken(catalog_->Runs(filter))) out += run.key.run_id;
    return out;
  };
  RunFilter filter;
  EXPECT_EQ(names(filter), "r4r3r2r1r0");
  filter.newest_first = false;
  filter.limit = 2;
  filter.offset = 1;
  EXPECT_EQ(names(filter), "r1r2");
  EXPECT_EQ(Taken(catalog_->CountRuns(filter)), 5);
  filter = RunFilter();
  filter.dag_id = "etl";
  filter.states = {RunState::kFailed, RunState::kSuccess};
  EXPECT_EQ(names(filter), "r4");
  filter.states.clear();
  filter.logical_date_from = At(10);
  filter.logical_date_to = At(20);
  EXPECT_EQ(names(filter), "r2r1");
  filter.run_id = "r2' OR '1' = '1";
  EXPECT_EQ(names(filter), "");
  EXPECT_EQ(Taken(catalog_->CountRuns(filter)), 0);
}

TEST_F(SqliteCatalogTest, ShowsTasksInTheDagsOrder) {
  const RunKey run = StartRun({TaskState::kSuccess});
  const auto tasks = Taken(catalog_->Tasks(run));
  ASSERT_EQ(tasks.size(), 3u);
  EXPECT_EQ(tasks[0].record.task_id, "zeta");
  EXPECT_EQ(tasks[1].record.task_id, "alpha");
  EXPECT_EQ(tasks[0].operator_name, "BashOperator");
  EXPECT_EQ(tasks[0].duration, 2.0);
  EXPECT_EQ(tasks[1].duration, std::nullopt);
  EXPECT_EQ(Taken(catalog_->Task(run, "mid", -1)).pool, "default_pool");
  EXPECT_EQ(catalog_->Task(run, "none", -1).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(catalog_->Tasks({"etl", "none"}).error().code, ErrorCode::kNotFound);
}

TEST_F(SqliteCatalogTest, ClearsWhatEndedAndRestartsWhatRuns) {
  const RunKey run = StartRun({TaskState::kFailed, TaskState::kRunning, TaskState::kNone});
  Apply(ChangeRun{run, RunState::kRunning, RunState::kFailed, {}, At(30), ""});
  ClearSelection selection = AllOf({"r1"});
  selection.tasks = {"zeta", "alpha"};
  EXPECT_EQ(Names(Taken(catalog_->Clearable(selection))), "r1.zeta:failed r1.alpha:running");
  EXPECT_EQ(Taken(catalog_->Clear(selection)).size(), 2U);
  EXPECT_EQ(States(run), "none restarting none");
  const TaskRecord zeta = Taken(catalog_->Task(run, "zeta", -1)).record;
  EXPECT_EQ(zeta.try_number, 1);
  EXPECT_EQ(zeta.max_tries, 3);
  EXPECT_EQ(zeta.attempt, 0u);
  const RunRecord record = Taken(catalog_->Run(run));
  EXPECT_EQ(record.state, RunState::kQueued);
  EXPECT_EQ(record.end_date, std::nullopt);
}

TEST_F(SqliteCatalogTest, ClearsOnlyWhatFailedIfAsked) {
  const RunKey run =
      StartRun({TaskState::kSuccess, TaskState::kFailed, TaskState::kUpstreamFailed});
  ClearSelection selection = AllOf({"r1"});
  selection.only_failed = true;
  EXPECT_EQ(Taken(catalog_->Clear(selection)).size(), 2U);
  EXPECT_EQ(States(run), "success none none");
}

TEST_F(SqliteCatalogTest, ClearsSeveralRunsAtOnceAndOnlyThese) {
  for (const auto& [run_id, day] : {std::pair("r1", 1), {"r2", 2}, {"r3", 3}}) {
    StartRun({TaskState::kSuccess, TaskState::kFailed}, run_id, day);
    Apply(ChangeRun{{"etl", run_id}, RunState::kRunning, RunState::kFailed, {}, At(30), ""});
  }
  ClearSelection selection = AllOf({"r3", "r1", "none"});
  selection.tasks = {"alpha", "none"};
  EXPECT_EQ(Names(Taken(catalog_->Clearable(selection))), "r3.alpha:failed r1.alpha:failed");
  EXPECT_EQ(Taken(catalog_->Clear(selection)).size(), 2U);
  EXPECT_EQ(States({"etl", "r1"}), "success none none");
  EXPECT_EQ(States({"etl", "r2"}), "success failed none");
  EXPECT_EQ(Taken(catalog_->Run({"etl", "r2"})).state, RunState::kFailed);
  EXPECT_EQ(Taken(catalog_->Run({"etl", "r3"})).state, RunState::kQueued);
}

TEST_F(SqliteCatalogTest, ClearsASingleInstanceAndForgetsItsReschedules) {
  const RunKey run = StartRun({TaskState::kSuccess, TaskState::kUpForReschedule});
  const std::string rows =
      "INSERT INTO task_reschedule (task_id, dag_id, run_id, map_index, try_number, start_date,"
      " end_date, duration, reschedule_date) SELECT task_id, dag_id, run_id, map_index, 1, '', '',"
      " 0, '' FROM task_instance;";
  ASSERT_TRUE(catalog_->database()->ExecuteScript(rows).ok());
  ClearSelection selection = AllOf({"r1"});
  selection.instances = {{"alpha", 0}};
  EXPECT_EQ(Names(Taken(catalog_->Clearable(selection))), "");
  selection.instances = {{"alpha", -1}};
  EXPECT_EQ(Taken(catalog_->Clear(selection)).size(), 1U);
  EXPECT_EQ(States(run), "success none none");
  EXPECT_EQ(Taken(catalog_->database()->QueryInteger("SELECT count(*) FROM task_reschedule")), 2);
}

// A branch decided against it, and is not asked again.
TEST_F(SqliteCatalogTest, WhatABranchHadSkippedStaysSkippedUnlessTheBranchIsClearedToo) {
  const RunKey run =
      StartRun({TaskState::kSuccess, TaskState::kSkipped, TaskState::kUpstreamFailed});
  const std::string decision =
      "INSERT INTO xcom (dag_run_id, dag_id, run_id, task_id, key, value) VALUES"
      " (1, 'etl', 'r1', 'zeta', 'skipmixin_key', '{\"skipped\": [\"alpha\"]}');";
  ASSERT_TRUE(catalog_->database()->ExecuteScript(decision).ok());
  ClearSelection selection = AllOf({"r1"});
  selection.tasks = {"alpha", "mid"};
  EXPECT_EQ(Names(Taken(catalog_->Clearable(selection))), "r1.mid:upstream_failed");
  EXPECT_EQ(Taken(catalog_->Clear(selection)).size(), 1U);
  EXPECT_EQ(States(run), "success skipped none");
  EXPECT_EQ(Taken(catalog_->Clear(AllOf({"r1"}))).size(), 3U);
  EXPECT_EQ(States(run), "none none none");
}

TEST_F(SqliteCatalogTest, ATaskThatItsDagNoLongerHasKeepsItsTries) {
  const RunKey run = StartRun({TaskState::kFailed});
  ASSERT_TRUE(catalog_->database()
                  ->ExecuteScript("UPDATE task_instance SET task_id = 'old', max_tries = 5"
                                  " WHERE task_id = 'zeta';")
                  .ok());
  ClearSelection selection = AllOf({"r1"});
  selection.only_failed = true;
  EXPECT_EQ(Taken(catalog_->Clear(selection)).size(), 1U);
  EXPECT_EQ(Taken(catalog_->Task(run, "old", -1)).record.max_tries, 5);
}

TEST_F(SqliteCatalogTest, MarksTasks) {
  const RunKey run = StartRun({TaskState::kFailed, TaskState::kSuccess, TaskState::kNone});
  TaskSelection selection;
  selection.run = run;
  EXPECT_EQ(Taken(catalog_->SetTaskState(selection, TaskState::kSuccess, At(40))), 2);
  EXPECT_EQ(States(run), "success success success");
  EXPECT_EQ(Taken(catalog_->Task(run, "zeta", -1)).duration, 30.0);
  EXPECT_EQ(Taken(catalog_->Task(run, "mid", -1)).record.start_date, At(40));
  EXPECT_EQ(catalog_->SetTaskState(selection, TaskState::kRunning, At(40)).error().code,
            ErrorCode::kInvalid);
}

TEST_F(SqliteCatalogTest, MarksARunFailedWithItsTasks) {
  const RunKey run = StartRun({TaskState::kSuccess, TaskState::kRunning, TaskState::kNone});
  ASSERT_TRUE(catalog_->SetRunState(run, RunState::kFailed, At(40)).ok());
  EXPECT_EQ(States(run), "success failed skipped");
  EXPECT_EQ(Taken(catalog_->Run(run)).end_date, At(40));
}

TEST_F(SqliteCatalogTest, MarksARunSuccessfulOrQueued) {
  const RunKey run = StartRun({TaskState::kFailed});
  ASSERT_TRUE(catalog_->SetRunState(run, RunState::kSuccess, At(40)).ok());
  EXPECT_EQ(States(run), "success success success");
  ASSERT_TRUE(catalog_->SetRunState(run, RunState::kQueued, At(50)).ok());
  EXPECT_EQ(Taken(catalog_->Run(run)).queued_at, At(50));
  EXPECT_EQ(Taken(catalog_->Run(run)).end_date, std::nullopt);
  EXPECT_EQ(catalog_->SetRunState(run, RunState::kRunning, At(50)).error().code,
            ErrorCode::kInvalid);
}

TEST_F(SqliteCatalogTest, DeletesADagUnlessItRuns) {
  const RunKey run = StartRun({TaskState::kRunning});
  const Status refused = catalog_->DeleteDag("etl");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_NE(refused.error().message.find("zeta"), std::string::npos);
  ASSERT_TRUE(catalog_->SetRunState(run, RunState::kFailed, At(40)).ok());
  ASSERT_TRUE(catalog_->DeleteDag("etl").ok());
  for (const char* table : {"dag", "dag_tag", "serialized_dag", "dag_run", "task_instance"}) {
    EXPECT_EQ(file_.Edit(std::string("SELECT count(*) FROM ") + table), "0") << table;
  }
  EXPECT_EQ(catalog_->DeleteDag("etl").error().code, ErrorCode::kNotFound);
}

TEST_F(SqliteCatalogTest, DeletesARun) {
  const RunKey run = StartRun({});
  ASSERT_TRUE(catalog_->DeleteRun(run).ok());
  EXPECT_EQ(catalog_->Run(run).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(catalog_->DeleteRun(run).error().code, ErrorCode::kNotFound);
}

TEST_F(SqliteCatalogTest, CountsTheUseOfPools) {
  StartRun({TaskState::kRunning, TaskState::kQueued, TaskState::kScheduled});
  auto pools = Taken(catalog_->Pools());
  ASSERT_EQ(pools.size(), 1u);
  EXPECT_EQ(pools[0].running_slots, 1);
  EXPECT_EQ(pools[0].queued_slots, 1);
  EXPECT_EQ(pools[0].scheduled_slots, 1);
}

TEST_F(SqliteCatalogTest, EditsPools) {
  PoolInfo pool;
  pool.record = {"wide", 3};
  pool.description = "for wide tasks";
  ASSERT_TRUE(catalog_->SetPool(pool).ok());
  pool.record.slots = -1;
  ASSERT_TRUE(catalog_->SetPool(pool).ok());
  auto pools = Taken(catalog_->Pools());
  ASSERT_EQ(pools.size(), 2u);
  EXPECT_EQ(pools[1].record.slots, -1);
  EXPECT_EQ(pools[1].description, "for wide tasks");
  pool.record.slots = -2;
  EXPECT_EQ(catalog_->SetPool(pool).error().code, ErrorCode::kInvalid);
  ASSERT_TRUE(catalog_->DeletePool("wide").ok());
  EXPECT_EQ(catalog_->DeletePool("wide").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(catalog_->DeletePool("default_pool").error().code, ErrorCode::kInvalid);
}

TEST_F(SqliteCatalogTest, KeepsAnAuditLog) {
  AuditEntry entry;
  entry.when = At(9);
  entry.dag_id = "etl";
  entry.event = "trigger";
  entry.owner = "ann";
  ASSERT_TRUE(catalog_->Audit(entry).ok());
  Apply(Notice{{"other", "r"}, "t", "pool_missing", "pool 'x' does not exist"});
  auto all = Taken(catalog_->AuditLog(std::nullopt, 10));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].event, "pool_missing");
  EXPECT_EQ(all[0].owner, "beeflow");
  auto of_dag = Taken(catalog_->AuditLog("etl", 10));
  ASSERT_EQ(of_dag.size(), 1u);
  EXPECT_EQ(of_dag[0].owner, "ann");
  EXPECT_EQ(of_dag[0].when, At(9));
}

TEST_F(SqliteCatalogTest, ShowsXComs) {
  const RunKey run = StartRun({});
  ChangeTask end;
  end.run = run;
  end.task_id = "zeta";
  end.to = TaskState::kSuccess;
  end.xcoms = {{"return_value", "[1]"}, {"a", "2"}};
  Apply(end);
  EXPECT_EQ(Taken(catalog_->XComs(run, "zeta", -1)),
            (std::map<std::string, std::string>{{"a", "2"}, {"return_value", "[1]"}}));
}

TEST_F(SqliteCatalogTest, ReadersDoNotWaitForTheWriter) {
  auto transaction = Taken(store_->Begin());
  ASSERT_TRUE(transaction->Apply(CreateRun{MakeRun("r9", 9)}).ok());
  EXPECT_TRUE(Taken(catalog_->Runs(RunFilter())).empty());
  ASSERT_TRUE(transaction->Commit().ok());
  EXPECT_EQ(Taken(catalog_->Runs(RunFilter())).size(), 1u);
}

// Cells by column name.
std::vector<std::map<std::string, std::string>> Exported(const std::string& path,
                                                         const std::string& table) {
  std::vector<std::map<std::string, std::string>> rows;
  ExportSource::Row header;
  auto source = Taken(sqlite::OpenAs<SqlExport>(path));
  const Status status = source->Export(table, [&](const ExportSource::Row& cells) {
    if (header.empty()) {
      header = cells;
      return Ok();
    }
    rows.emplace_back();
    for (size_t i = 0; i < cells.size(); ++i) rows.back()[*header[i]] = cells[i].value_or("NULL");
    return Ok();
  });
  EXPECT_TRUE(status.ok());
  return rows;
}

TEST_F(SqliteCatalogTest, TellsWhatEachAttemptTook) {
  const RunKey run = StartRun({TaskState::kRunning, TaskState::kRunning});
  ChangeTask change;
  change.run = run;
  change.dag = dag_;
  change.task_id = "zeta";
  change.from = TaskState::kRunning;
  change.from_try = 1;
  change.from_attempt = 7;
  change.to = TaskState::kUpForRetry;
  change.try_number = 1;
  change.start_date = At(10);
  change.end_date = At(12);
  change.task_failed = true;
  change.reason = "why";
  change.usage = AttemptUsage{"warm", "host:1/e2", 0.25, 0.5, 1.5, 4096, std::nullopt, 9};
  Apply(change);
  change.task_id = "alpha";
  change.to = TaskState::kFailed;
  change.usage = AttemptUsage();  // nobody knows: its worker was lost
  Apply(change);
  const std::vector<AttemptInfo> attempts = Taken(catalog_->Attempts(run));
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[0].task_id, "alpha");
  EXPECT_EQ(attempts[0].usage.start_type, "");
  EXPECT_EQ(attempts[0].usage.cpu_seconds, std::nullopt);
  const AttemptInfo& zeta = attempts[1];
  EXPECT_EQ(zeta.attempt_id, "0000000000000007");
  EXPECT_EQ(zeta.state, "failed");
  EXPECT_EQ(zeta.try_number, 1);
  EXPECT_EQ(zeta.start_date, At(10));
  EXPECT_EQ(zeta.end_date, At(12));
  EXPECT_EQ(zeta.reason, "why");
  EXPECT_EQ(zeta.usage.start_type, "warm");
  EXPECT_EQ(zeta.usage.environment, "host:1/e2");
  EXPECT_EQ(zeta.usage.queue_seconds, 0.25);
  EXPECT_EQ(zeta.usage.start_seconds, 0.5);
  EXPECT_EQ(zeta.usage.cpu_seconds, 1.5);
  EXPECT_EQ(zeta.usage.memory_bytes, 4096);
  EXPECT_EQ(zeta.usage.exit_code, std::nullopt);
  EXPECT_EQ(zeta.usage.exit_signal, 9);
  auto exported = Exported(file_.path(), "attempt");
  ASSERT_EQ(exported.size(), 2u);
  EXPECT_EQ(exported[0]["start_type"], "NULL");
  EXPECT_EQ(exported[1]["start_type"], "warm");
  EXPECT_EQ(exported[1]["end_date"], "1970-01-01 00:00:12.000000+00:00");
  ASSERT_TRUE(catalog_->DeleteRun(run).ok());
  EXPECT_TRUE(Exported(file_.path(), "attempt").empty());
}

TEST_F(SqliteCatalogTest, ExportsAirflowsColumns) {
  StartRun({TaskState::kSuccess});
  auto runs = Exported(file_.path(), "dagrun");
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0]["_state"], "running");
  EXPECT_EQ(runs[0]["state"], "running");
  EXPECT_EQ(runs[0]["execution_date"], "1970-01-01 00:00:01.000000+00:00");
  EXPECT_EQ(runs[0]["end_date"], "NULL");
  EXPECT_EQ(runs[0]["external_trigger"], "True");
  auto tasks = Exported(file_.path(), "taskinstance");
  ASSERT_EQ(tasks.size(), 3u);
  EXPECT_EQ(tasks[2]["task_id"], "zeta");
  EXPECT_EQ(tasks[2]["_try_number"], "1");
  EXPECT_EQ(tasks[2]["try_number"], "1");
  EXPECT_EQ(tasks[2]["duration"], "2.0");
  EXPECT_TRUE(Exported(file_.path(), "taskfail").empty());
  auto source = Taken(sqlite::OpenAs<SqlExport>(file_.path()));
  EXPECT_EQ(source->Export("dag", [](const auto&) { return Ok(); }).error().code,
            ErrorCode::kInvalid);
}

}  // namespace
}  // namespace beeflow
