// What requests of tasks read and write in the database.
#include <gtest/gtest.h>

#include "store/sql/sql_request_store.h"
#include "store/sql/sql_store.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

// No test here is about encryption.
class NoCipher : public SecretCipher {
 public:
  Result<std::string> Encrypt(const std::string& plain) override { return plain; }
  Result<std::string> Decrypt(const std::string& token) override { return token; }
};

Time Day(int day) { return *ParseTime("2021-01-01") + std::chrono::days(day - 1); }

class RequestStoreTest : public testing::Test {
 protected:
  void AddRun(const std::string& dag_id, const std::string& run_id, int day,
              const std::string& state) {
    file_.Edit("INSERT INTO dag_run (dag_id, run_id, execution_date, state) VALUES ('" + dag_id +
               "', '" + run_id + "', '" + FormatSql(Day(day)) + "', '" + state + "')");
  }
  void AddTask(const std::string& run_id, const std::string& task_id, int map_index,
               const std::string& state) {
    file_.Edit(
        "INSERT INTO task_instance (dag_id, run_id, task_id, map_index, state) VALUES ('d', '" +
        run_id + "', '" + task_id + "', " + std::to_string(map_index) + ", " + state + ")");
  }
  static XComAddress Key(const std::string& run_id, int map_index = -1) {
    return {"d", run_id, "t", map_index, "return_value"};
  }

  TempDatabase file_;
  std::unique_ptr<SqlRequestStore> store_ = Taken(sqlite::OpenAs<SqlRequestStore>(
      file_.path(), sqlite::OpenMode::kCreate, std::make_unique<NoCipher>()));
};

TEST_F(RequestStoreTest, XComsAreSetReadAndCleared) {
  AddRun("d", "r1", 1, "running");
  EXPECT_EQ(store_->XCom(Key("r1")).value(), std::nullopt);
  ASSERT_TRUE(store_->SetXCom(Key("r1"), "1", Day(1)).ok());
  ASSERT_TRUE(store_->SetXCom(Key("r1"), "[2]", Day(1)).ok());
  XComAddress other = Key("r1");
  other.key = "other";
  ASSERT_TRUE(store_->SetXCom(other, "3", Day(1)).ok());
  EXPECT_EQ(store_->XCom(Key("r1")).value(), "[2]");

  ASSERT_TRUE(store_->ClearXComs(Key("r1")).ok());
  EXPECT_EQ(store_->XCom(Key("r1")).value(), std::nullopt);
  EXPECT_EQ(store_->XCom(other).value(), "3");
  other.key.clear();
  ASSERT_TRUE(store_->ClearXComs(other).ok());
  EXPECT_EQ(file_.Edit("SELECT count(*) FROM xcom"), "0");
}

TEST_F(RequestStoreTest, AnXComOfAnUnknownRunIsRefused) {
  EXPECT_EQ(store_->SetXCom(Key("r9"), "1", Day(1)).error().message,
            "DAG d has no run r9, so nothing can be stored for its tasks");
}

TEST_F(RequestStoreTest, XComsOfAMappedTaskComeByMapIndex) {
  AddRun("d", "r1", 1, "running");
  for (const int index : {10, 2, 0}) {
    ASSERT_TRUE(store_->SetXCom(Key("r1", index), std::to_string(index), Day(1)).ok());
  }
  const std::vector<std::pair<int, std::string>> expected = {{0, "0"}, {2, "2"}, {10, "10"}};
  EXPECT_EQ(store_->XComsOfTask(Key("r1")).value(), expected);
}

TEST_F(RequestStoreTest, XComsUnderAnyKeyComeInTheOrderInWhichTheyWereStored) {
  AddRun("d", "r1", 1, "running");
  XComAddress any = Key("r1");
  any.key = "z";
  ASSERT_TRUE(store_->SetXCom(any, "1", Day(1)).ok());
  any.key = "a";
  ASSERT_TRUE(store_->SetXCom(any, "2", Day(2)).ok());
  any.key.clear();
  EXPECT_EQ(store_->XCom(any).value(), "2");
  const std::vector<std::pair<int, std::string>> expected = {{-1, "1"}, {-1, "2"}};
  EXPECT_EQ(store_->XComsOfTask(any).value(), expected);
}

TEST_F(RequestStoreTest, ThePriorXComIsThatOfTheLatestRunThatHasOne) {
  for (int day = 1; day <= 4; ++day) AddRun("d", "r" + std::to_string(day), day, "success");
  ASSERT_TRUE(store_->SetXCom(Key("r1"), "1", Day(1)).ok());
  ASSERT_TRUE(store_->SetXCom(Key("r2"), "2", Day(1)).ok());
  ASSERT_TRUE(store_->SetXCom(Key("r4"), "4", Day(1)).ok());
  EXPECT_EQ(store_->PriorXCom(Key(""), Day(3)).value(), "2");
  EXPECT_EQ(store_->PriorXCom(Key(""), Day(4)).value(), "4");
  EXPECT_EQ(store_->PriorXCom(Key(""), std::nullopt).value(), "4");
  EXPECT_EQ(store_->PriorXCom(Key(""), Day(1) - std::chrono::days(1)).value(), std::nullopt);
}

TEST_F(RequestStoreTest, RunsAreFoundByDate) {
  AddRun("d", "r1", 1, "success");
  AddRun("d", "r2", 2, "failed");
  AddRun("d", "r3", 3, "running");
  AddRun("other", "r1", 2, "success");
  EXPECT_EQ(store_->RunAt("d", Day(2)).value()->key.run_id, "r2");
  EXPECT_EQ(store_->RunAt("d", Day(9)).value(), std::nullopt);
  EXPECT_EQ(store_->RunBefore("d", Day(3), std::nullopt).value()->key.run_id, "r2");
  EXPECT_EQ(store_->RunBefore("d", Day(3), RunState::kSuccess).value()->key.run_id, "r1");
  EXPECT_EQ(store_->RunBefore("d", Day(1), std::nullopt).value(), std::nullopt);
}

TEST_F(RequestStoreTest, RunsAreCountedByWhatIsGiven) {
  AddRun("d", "r1", 1, "success");
  AddRun("d", "r2", 2, "failed");
  AddRun("other", "r1", 1, "success");
  EXPECT_EQ(store_->CountRuns({"d", {}, {}, {}}).value(), 2);
  EXPECT_EQ(store_->CountRuns({"d", {{Day(1), Day(7)}}, {}, {}}).value(), 1);
  EXPECT_EQ(store_->CountRuns({"d", {}, {{"r2", "r1"}}, {}}).value(), 2);
  EXPECT_EQ(store_->CountRuns({"d", {}, {}, {{RunState::kFailed}}}).value(), 1);
  const std::vector<RunState> none;
  EXPECT_EQ(store_->CountRuns({"d", {}, {}, none}).value(), 0);
}

TEST_F(RequestStoreTest, TaskInstancesOfRunsComeInOrder) {
  AddRun("d", "r1", 1, "success");
  AddRun("d", "r2", 2, "running");
  AddTask("r2", "t", 1, "'running'");
  AddTask("r2", "t", 0, "NULL");
  AddTask("r2", "a", -1, "'success'");
  AddTask("r1", "t", -1, "'failed'");
  const auto all = store_->TasksOf({"d", {{Day(1), Day(2)}}, {}, {}}, std::nullopt).value();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].task.run.run_id, "r1");
  EXPECT_EQ(all[0].logical_date, Day(1));
  EXPECT_EQ(all[1].task.task_id, "a");
  EXPECT_EQ(all[2].task.map_index, 0);
  EXPECT_EQ(all[2].task.state, TaskState::kNone);
  EXPECT_EQ(all[3].task.state, TaskState::kRunning);
  EXPECT_EQ(store_->TasksOf({"d", {}, {{"r2"}}, {}}, {{"t"}}).value().size(), 2U);
}

TEST_F(RequestStoreTest, DatasetEventsComeOldestFirst) {
  AddRun("d", "r1", 1, "success");
  file_.Edit(
      "INSERT INTO dataset (id, uri, created_at, updated_at) VALUES (1, 's3://a', '', ''),"
      " (2, 's3://b', '', '');"
      "INSERT INTO dataset_event (id, dataset_id, extra, source_dag_id, source_task_id,"
      " source_run_id, source_map_index, timestamp) VALUES"
      " (1, 1, '{\"n\": 2}', 'p', 't', 'r', 3, '2021-01-02 00:00:00.000000'),"
      " (2, 1, NULL, NULL, NULL, NULL, NULL, '2021-01-01 00:00:00.000000'),"
      " (3, 2, NULL, NULL, NULL, NULL, NULL, '2021-01-03 00:00:00.000000');"
      "INSERT INTO dagrun_dataset_event (dag_run_id, event_id) SELECT id, 3 FROM dag_run");
  const auto events = store_->DatasetEvents("s3://a").value();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].timestamp, Day(1));
  EXPECT_EQ(events[0].source_dag_id, std::nullopt);
  EXPECT_EQ(events[0].extra, "{}");
  EXPECT_EQ(events[1].source_task_id, "t");
  EXPECT_EQ(events[1].source_map_index, 3);
  EXPECT_EQ(events[1].extra, R"({"n": 2})");
  const auto triggering = store_->TriggeringEvents({"d", "r1"}).value();
  ASSERT_EQ(triggering.size(), 1U);
  EXPECT_EQ(triggering[0].uri, "s3://b");
}

TEST_F(RequestStoreTest, ARunThatATaskTriggersIsAChangeOfTheFeed) {
  auto control = Taken(sqlite::OpenStore(file_.path(), sqlite::OpenMode::kExisting));
  ASSERT_TRUE(control->LoadActive().ok());
  file_.Edit("INSERT INTO dag (dag_id, fileloc) VALUES ('d', '/dags/d.py')");
  RunRecord run;
  run.key = {"d", "manual__1"};
  run.logical_date = Day(1);
  ASSERT_TRUE(store_->catalog().CreateRun(run).ok());
  EXPECT_TRUE(control->HasChanges().value());
}

}  // namespace
}  // namespace beeflow
