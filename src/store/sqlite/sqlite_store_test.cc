// The Store's conformance on SQLite, with edits by plain SQL on a second connection; and what is
// particular to SQLite: columns, history, locks.
#include <gtest/gtest.h>

#include <utility>

#include "store/conformance.h"
#include "store/sql/sql_store.h"
#include "store/sql_fixture_for_test.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

class SqliteFixture : public SqlFixture {
 public:
  SqliteFixture() { Open(); }

  Store& store() override { return *store_; }
  bool Reopen() override {
    store_.reset();
    Open();
    return true;
  }

 protected:
  Status Edit(const std::string& sql) override {
    file_.Edit(sql);
    return Ok();
  }

 private:
  void Open() { store_ = Taken(sqlite::OpenStore(file_.path(), sqlite::OpenMode::kCreate)); }

  TempDatabase file_;
  std::unique_ptr<SqlStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance,
                         testing::Values(StoreBackend{
                             "sqlite", [] { return std::make_unique<SqliteFixture>(); }}));

constexpr const char* kDag = R"({"version": 1, "dag_id": "etl", "tasks": [
  {"task_id": "extract", "retries": 1, "pool": "wide", "pool_slots": 3, "queue": "fast",
   "priority_weight": 2000000000, "operator": "BashOperator", "downstream": ["load"]},
  {"task_id": "load", "priority_weight": 2000000000}]})";

class SqliteStoreTest : public testing::Test {
 protected:
  SqliteStoreTest() {
    dag_ = DagFromJson(ParseJson(kDag).value()).value();
    Apply(CreateRun{MakeRun("r1")});
    Apply(CreateTasks{{"etl", "r1"}, dag_, {0, 1}});
  }

  static Time At(int64_t seconds) { return Time(std::chrono::seconds(seconds)); }
  static RunRecord MakeRun(const std::string& run_id) {
    RunRecord run;
    run.key = {"etl", run_id};
    run.logical_date = At(0);
    run.queued_at = At(1);
    return run;
  }
  std::unique_ptr<Transaction> Begin() { return Taken(store_->Begin()); }
  sqlite::Database* database() { return static_cast<sqlite::Database*>(store_->database()); }
  // A change from (from, try 1 if it has an attempt) of the attempt.
  ChangeTask Changed(const char* task_id, TaskState from, AttemptId attempt, TaskState to) {
    ChangeTask change;
    change.run = {"etl", "r1"};
    change.dag = dag_;
    change.task_id = task_id;
    change.from = from;
    change.from_attempt = attempt;
    change.from_try = attempt == 0 ? 0 : 1;
    change.to = to;
    change.try_number = 1;
    return change;
  }
  bool Apply(const Transition& transition) {
    auto transaction = Begin();
    const bool applied = transaction->Apply(transition).value();
    EXPECT_TRUE(transaction->Commit().ok());
    return applied;
  }
  std::string Column(const std::string& name) {
    return file_.Edit("SELECT " + name + " FROM task_instance WHERE task_id = 'extract'");
  }

  TempDatabase file_;
  std::unique_ptr<SqlStore> store_ =
      Taken(sqlite::OpenStore(file_.path(), sqlite::OpenMode::kCreate));
  std::shared_ptr<const Dag> dag_;
};

TEST_F(SqliteStoreTest, WritesAirflowsColumns) {
  ChangeTask queue = Changed("extract", TaskState::kNone, 0, TaskState::kQueued);
  queue.attempt = 0x1f;
  queue.queued_at = At(86400);
  file_.Edit("UPDATE task_instance SET pool = 'old', queue = 'old', operator = 'old'");
  ASSERT_TRUE(Apply(queue));
  EXPECT_EQ(Column("state"), "queued");
  EXPECT_EQ(Column("external_executor_id"), "000000000000001f");
  EXPECT_EQ(Column("queued_dttm"), "1970-01-02 00:00:00.000000");
  EXPECT_EQ(Column("pool || pool_slots || queue || operator"), "wide3fastBashOperator");
  EXPECT_EQ(Column("priority_weight"), "2147483647");

  ChangeTask run = Changed("extract", TaskState::kQueued, 0x1f, TaskState::kRunning);
  run.attempt = 0x1f;
  run.start_date = At(100);
  run.hostname = "host";
  run.pid = 42;
  ASSERT_TRUE(Apply(run));
  EXPECT_EQ(Column("hostname || pid || '[' || unixname || ']'"), "host42[]");

  ChangeTask fail = Changed("extract", TaskState::kRunning, 0x1f, TaskState::kFailed);
  fail.end_date = At(100) + Duration(1'500'000);
  fail.task_failed = true;
  fail.reason = "exit code 1";
  ASSERT_TRUE(Apply(fail));
  EXPECT_EQ(Column("duration"), "1.5");
  EXPECT_EQ(Column("external_executor_id"), "NULL");
  EXPECT_EQ(Column("updated_at"), "1970-01-01 00:01:41.500000");
  EXPECT_EQ(file_.Edit("SELECT task_id || duration || start_date FROM task_fail"),
            "extract11970-01-01 00:01:40.000000");
  EXPECT_EQ(file_.Edit("SELECT dttm || event || owner || extra FROM log WHERE task_id = 'extract'"),
            "1970-01-01 00:01:41.500000failedbeeflowexit code 1");
}

TEST_F(SqliteStoreTest, KeepsEarlierVersionsOfADag) {
  ParsedFile file;
  file.path = "/dags/etl.py";
  for (const char* hash : {"one", "two"}) {
    file.dags = {{dag_, kDag, hash}};
    auto transaction = Begin();
    ASSERT_TRUE(transaction->SyncFile(file, true, At(0)).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  EXPECT_EQ(file_.Edit("SELECT group_concat(dag_hash || is_latest) FROM serialized_dag"),
            "one0,two1");
}

TEST_F(SqliteStoreTest, TheShellCannotWriteAStateThatDoesNotExist) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file_.path().c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(
      sqlite3_exec(handle, "UPDATE task_instance SET state = 'sucess'", nullptr, nullptr, nullptr),
      SQLITE_CONSTRAINT);
  sqlite3_close(handle);
}

TEST_F(SqliteStoreTest, ARowThatIsRenamedByHandIsOneGoneAndOneNew) {
  { ASSERT_TRUE(store_->LoadActive().ok()); }
  file_.Edit("UPDATE task_instance SET state = 'failed', task_id = 'x' WHERE task_id = 'load'");
  auto transaction = Begin();
  std::string seen;
  const std::vector<Change> changes = Taken(transaction->TakeChanges(10));
  for (const Change& change : changes) {
    if (const auto* gone = std::get_if<TaskGone>(&change.row)) seen += "-" + gone->task_id;
    if (const auto* task = std::get_if<TaskRecord>(&change.row)) seen += "+" + task->task_id;
  }
  EXPECT_TRUE(seen == "-load+x" || seen == "+x-load") << seen;
}

TEST_F(SqliteStoreTest, TheLogKeepsTheNewestEntriesOnly) {
  for (int round = 0; round < 30; ++round) {
    auto transaction = Begin();
    for (int i = 0; i < 1000; ++i) {
      ChangeTask change = Changed("load", TaskState::kNone, 0, TaskState::kNone);
      change.from_try = round * 1000 + i;
      change.try_number = change.from_try + 1;
      ASSERT_TRUE(transaction->Apply(change).value());
    }
    ASSERT_FALSE(transaction->TakeChanges(100'000).value().empty());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  const int kept = std::stoi(file_.Edit("SELECT count(*) FROM change_log"));
  EXPECT_GE(kept, 10'000);
  EXPECT_LE(kept, 12'000);
}

TEST_F(SqliteStoreTest, AnUnreadableDagDoesNotKeepTheOthersFromStarting) {
  file_.Edit(
      "INSERT INTO dag (dag_id, fileloc) VALUES ('bad', '/dags/bad.py');"
      "INSERT INTO serialized_dag (dag_id, fileloc, data, last_updated, dag_hash, is_latest)"
      " VALUES ('bad', '/dags/bad.py', '{', '', 'h', 1)");
  const auto snapshot = store_->LoadActive();
  ASSERT_TRUE(snapshot.ok());
  EXPECT_TRUE(snapshot->dags.empty());
  EXPECT_EQ(snapshot->runs.size(), 1u);
  const auto dag = Begin()->LoadDag("bad");
  ASSERT_FALSE(dag.ok());
  EXPECT_NE(dag.error().message.find("DAG bad"), std::string::npos);
}

TEST_F(SqliteStoreTest, AFailedTransactionIsNotCommitted) {
  auto transaction = Begin();
  ASSERT_TRUE(transaction->Apply(CreateRun{MakeRun("r2")}).ok());
  ASSERT_TRUE(store_->database()->ExecuteScript("DROP TABLE dag_tag").ok());
  ParsedFile file;
  file.path = "/dags/etl.py";
  file.dags = {{dag_, kDag, "h"}};
  EXPECT_FALSE(transaction->SyncFile(file, true, At(0)).ok());
  EXPECT_FALSE(transaction->Commit().ok());
  transaction.reset();
  EXPECT_EQ(file_.Edit("SELECT count(*) FROM sqlite_schema WHERE name = 'dag_tag'"), "1");
}

// An edit by another process was lost now and then: the signal that its log file was written came
// before its commit could be read, and nobody looked again.
TEST_F(SqliteStoreTest, ACommitThatIsUnderWayIsToldFromNone) {
  const auto other = Taken(sqlite::Database::Open(file_.path(), sqlite::OpenMode::kExisting));
  {
    const auto transaction = Begin();
    EXPECT_TRUE(transaction->TakeChanges(1000).ok());
    EXPECT_TRUE(transaction->Commit().ok());
  }
  EXPECT_FALSE(database()->IsBeingWritten().value());
  ASSERT_TRUE(other->ExecuteScript("BEGIN IMMEDIATE; UPDATE slot_pool SET slots = 7").ok());
  EXPECT_TRUE(database()->IsBeingWritten().value());
  EXPECT_FALSE(store_->HasChanges().value());
  ASSERT_TRUE(other->ExecuteScript("COMMIT").ok());
  EXPECT_FALSE(database()->IsBeingWritten().value());
  EXPECT_TRUE(store_->HasChanges().value());
}

TEST_F(SqliteStoreTest, ALockThatIsNotFreedIsUnavailable) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file_.path().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_busy_timeout(database()->handle(), 1);
  const auto transaction = store_->Begin();
  ASSERT_FALSE(transaction.ok());
  EXPECT_EQ(transaction.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(transaction.error().message.find("locked by another process"), std::string::npos);
  sqlite3_close(other);
  EXPECT_TRUE(store_->Begin().ok());
}

}  // namespace
}  // namespace beeflow
