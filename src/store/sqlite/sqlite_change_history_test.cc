#include <gtest/gtest.h>

#include "store/sql/sql_change_history.h"
#include "store/sql/sql_store.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

class ChangeHistoryTest : public testing::Test {
 protected:
  void SetUp() override {
    file_.Edit("INSERT INTO dag (dag_id, fileloc) VALUES ('a', '/d/a.py')");
    file_.Edit(
        "INSERT INTO dag_run (dag_id, run_id, execution_date, state, start_date)"
        " VALUES ('a', 'r', '2026-01-01 00:00:00.000000', 'running', '2026-01-02 00:00:00')");
    start_ = Taken(history_->Read(0, 0)).newest;
  }
  std::vector<LoggedChange> New() { return Taken(history_->Read(start_, 100)).changes; }

  TempDatabase file_;
  std::unique_ptr<SqlChangeHistory> history_ =
      Taken(sqlite::OpenAs<SqlChangeHistory>(file_.path(), sqlite::OpenMode::kCreate));
  int64_t start_ = 0;
};

TEST_F(ChangeHistoryTest, EachStateIsToldThoughTheRowHasGoneOn) {
  file_.Edit("INSERT INTO task_instance (dag_id, run_id, task_id) VALUES ('a', 'r', 'x')");
  for (const char* state : {"queued", "running", "success"}) {
    file_.Edit("UPDATE task_instance SET try_number = 1, state = '" + std::string(state) + "'");
  }
  const auto changes = New();
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].state, "queued");
  EXPECT_EQ(changes[1].state, "running");
  EXPECT_EQ(changes[2].state, "success");
  EXPECT_EQ(changes[0].try_number, 1);
  EXPECT_EQ(changes[2].task_id, "x");
  EXPECT_EQ(changes[2].map_index, -1);
  EXPECT_LT(changes[0].sequence, changes[1].sequence);
}

TEST_F(ChangeHistoryTest, RowsOfEachTable) {
  file_.Edit("UPDATE dag SET is_paused = 0");
  file_.Edit("UPDATE dag_run SET state = 'success'");
  file_.Edit("UPDATE slot_pool SET slots = 3");
  file_.Edit("DELETE FROM dag_run");
  const auto changes = New();
  ASSERT_EQ(changes.size(), 4U);
  EXPECT_EQ(changes[0].table, "dag");
  EXPECT_EQ(changes[0].is_paused, false);
  EXPECT_EQ(changes[0].is_active, true);
  EXPECT_EQ(changes[1].state, "success");
  EXPECT_FALSE(changes[1].run_type) << "its row is gone";
  EXPECT_EQ(changes[2].name, "default_pool");
  EXPECT_EQ(changes[3].op, "delete");
}

TEST_F(ChangeHistoryTest, NamesButNoValuesOfWhatTheLoopDoesNotFollow) {
  file_.Edit("INSERT INTO variable (key, val) VALUES ('v', 'secret')");
  file_.Edit("UPDATE variable SET val = 'other'");
  file_.Edit("INSERT INTO connection (conn_id, conn_type, password) VALUES ('c', 'http', 'pw')");
  file_.Edit("DELETE FROM connection");
  file_.Edit("INSERT INTO import_error (filename, stacktrace) VALUES ('/d/b.py', 'x')");
  file_.Edit("INSERT INTO dataset (uri, created_at, updated_at) VALUES ('s3://b', '', '')");
  file_.Edit("INSERT INTO dataset_event (dataset_id, timestamp) VALUES (1, '')");
  std::string told;
  for (const LoggedChange& change : New()) {
    told += change.table + " " + change.op + " " + change.name + "\n";
  }
  EXPECT_EQ(told,
            "variable insert v\nvariable update v\nconnection insert c\nconnection delete c\n"
            "import_error insert /d/b.py\ndataset_event insert s3://b\n");
  const std::string entries = "SELECT count(*) FROM change_log WHERE ";
  EXPECT_EQ(file_.Edit(entries + "name LIKE '%secret%' OR name LIKE '%pw%'"), "0");
}

TEST_F(ChangeHistoryTest, TheControlLoopPassesOverWhatItDoesNotFollow) {
  auto store = Taken(sqlite::OpenStore(file_.path(), sqlite::OpenMode::kExisting));
  ASSERT_TRUE(store->LoadActive().ok());
  file_.Edit("INSERT INTO variable (key, val) VALUES ('v', 'x')");
  EXPECT_TRUE(Taken(store->HasChanges()));
  auto transaction = Taken(store->Begin());
  EXPECT_TRUE(Taken(transaction->TakeChanges(10)).empty());
  ASSERT_TRUE(transaction->Commit().ok());
  transaction.reset();
  EXPECT_FALSE(Taken(store->HasChanges()));
}

TEST_F(ChangeHistoryTest, TellsWhatIsKept) {
  file_.Edit("UPDATE slot_pool SET slots = 3");
  file_.Edit("UPDATE slot_pool SET slots = 4");
  file_.Edit("DELETE FROM change_log WHERE sequence <= " + std::to_string(start_ + 1));
  const LoggedChanges read = Taken(history_->Read(0, 1));
  EXPECT_EQ(read.oldest, start_ + 2);
  EXPECT_EQ(read.newest, start_ + 2);
  EXPECT_EQ(read.changes.size(), 1U);
}

}  // namespace
}  // namespace beeflow
