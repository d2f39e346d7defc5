// Datasets, their events and the audit log as lists with filters, orders and parts.
#include <gtest/gtest.h>

#include "store/sql/sql_catalog.h"
#include "store/sql/sql_inventory.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

Time Hour(int hour) { return *ParseTime("2021-01-01") + std::chrono::hours(hour); }
std::string Quoted(Time time) { return "'" + FormatSql(time) + "'"; }

class InventoryTest : public testing::Test {
 protected:
  void AddDag(const std::string& dag_id, bool is_paused = false) {
    file_.Edit("INSERT INTO dag (dag_id, is_paused, fileloc) VALUES ('" + dag_id + "', " +
               (is_paused ? "1" : "0") + ", '/dags/a.py')");
  }
  void AddDataset(int id, const std::string& uri) {
    const std::string when = Quoted(Hour(id));
    file_.Edit("INSERT INTO dataset (id, uri, created_at, updated_at) VALUES (" +
               std::to_string(id) + ", '" + uri + "', " + when + ", " + when + ")");
  }
  void AddConsumer(int id, const std::string& dag_id) {
    file_.Edit("INSERT INTO dag_schedule_dataset_reference VALUES (" + std::to_string(id) + ", '" +
               dag_id + "', " + Quoted(Hour(0)) + ", " + Quoted(Hour(0)) + ")");
  }
  void AddProducer(int id, const std::string& dag_id, const std::string& task_id) {
    file_.Edit("INSERT INTO task_outlet_dataset_reference VALUES (" + std::to_string(id) + ", '" +
               dag_id + "', '" + task_id + "', " + Quoted(Hour(0)) + ", " + Quoted(Hour(0)) + ")");
  }
  void AddLogLine(const std::string& dag_id, const std::string& event, int hour) {
    file_.Edit("INSERT INTO log (dttm, dag_id, event, owner) VALUES (" + Quoted(Hour(hour)) +
               ", '" + dag_id + "', '" + event + "', 'ann')");
  }
  std::vector<int64_t> AuditIds(const AuditFilter& filter) {
    std::vector<int64_t> ids;
    const auto log = inventory_->AuditLog(filter);
    for (const AuditLine& line : log->entries) ids.push_back(line.entry.id);
    return ids;
  }

  TempDatabase file_;
  std::unique_ptr<SqlInventory> inventory_ =
      Taken(sqlite::OpenAs<SqlInventory>(file_.path(), sqlite::OpenMode::kCreate));
};

TEST_F(InventoryTest, DatasetsHaveWhatUsesThem) {
  AddDataset(1, "s3://bucket/a");
  AddDataset(2, "s3://bucket/b");
  AddDataset(3, "alias:later");
  AddConsumer(1, "waits");
  AddProducer(1, "makes", "write");
  AddProducer(2, "other", "write");
  const auto all = inventory_->Datasets({});
  ASSERT_EQ(all->total, 2);  // an alias is no dataset
  EXPECT_EQ(all->entries[0].uri, "s3://bucket/a");
  ASSERT_EQ(all->entries[0].consuming_dags.size(), 1U);
  EXPECT_EQ(all->entries[0].consuming_dags[0].dag_id, "waits");
  EXPECT_EQ(all->entries[0].producing_tasks[0].task_id, "write");
  EXPECT_EQ(inventory_->Dataset("s3://bucket/b")->id, 2);
  EXPECT_EQ(inventory_->Dataset("s3://nope").error().code, ErrorCode::kNotFound);
}

TEST_F(InventoryTest, DatasetsAreFilteredOrderedAndPaged) {
  AddDataset(1, "s3://bucket/b");
  AddDataset(2, "s3://bucket/a");
  AddDataset(3, "file:///c");
  AddConsumer(1, "waits");
  AddProducer(3, "makes", "write");
  DatasetFilter filter;
  filter.uri_part = "BUCKET";
  filter.range.order_by = "uri";
  EXPECT_EQ(inventory_->Datasets(filter)->entries[0].id, 2);
  filter.range.descending = true;
  filter.range.limit = 1;
  EXPECT_EQ(inventory_->Datasets(filter)->entries[0].id, 1);
  EXPECT_EQ(inventory_->Datasets(filter)->total, 2);
  filter.range.offset = 5;
  EXPECT_TRUE(inventory_->Datasets(filter)->entries.empty());
  EXPECT_EQ(inventory_->Datasets(filter)->total, 2);
  filter = {};
  filter.dag_ids = {"waits", "makes"};
  EXPECT_EQ(inventory_->Datasets(filter)->total, 2);
  filter.range.order_by = "uri; DROP TABLE dataset";
  EXPECT_EQ(inventory_->Datasets(filter).error().code, ErrorCode::kInvalid);
}

TEST_F(InventoryTest, AnEventOfNoTaskTellsTheDagsThatWait) {
  AddDag("waits");
  AddDag("sleeps", true);
  AddDataset(1, "s3://a");
  AddConsumer(1, "waits");
  AddConsumer(1, "sleeps");
  const auto event = inventory_->AddDatasetEvent("s3://a", R"({"x": 1})", Hour(5));
  ASSERT_TRUE(event.ok()) << event.error().message;
  EXPECT_EQ(event->dataset_id, 1);
  const auto queued = inventory_->QueuedEvents({});
  ASSERT_EQ(queued->size(), 1U);
  EXPECT_EQ((*queued)[0].dag_id, "waits");
  EXPECT_EQ((*queued)[0].created_at, Hour(5));
  EXPECT_EQ(file_.Edit("SELECT count(*) FROM change_log WHERE dag_id = 'waits' AND op = 'update'"),
            "1");
  EXPECT_EQ(inventory_->AddDatasetEvent("s3://b", "{}", Hour(5)).error().code,
            ErrorCode::kNotFound);
}

TEST_F(InventoryTest, EventsAreFoundByTheirSourceWithTheRunsThatTheyLedTo) {
  AddDataset(1, "s3://a");
  file_.Edit(
      "INSERT INTO dataset_event (id, dataset_id, source_dag_id, source_task_id, source_run_id,"
      " timestamp) VALUES (1, 1, 'makes', 'write', 'r1', " +
      Quoted(Hour(1)) + "), (2, 1, 'makes', 'write', 'r2', " + Quoted(Hour(2)) + ")");
  file_.Edit("INSERT INTO dag_run (id, dag_id, run_id, execution_date) VALUES (7, 'waits', 'd', " +
             Quoted(Hour(2)) + ")");
  file_.Edit("INSERT INTO dagrun_dataset_event VALUES (7, 2)");
  DatasetEventFilter filter;
  filter.range.order_by = "timestamp";
  filter.range.descending = true;
  const auto events = inventory_->DatasetEvents(filter);
  ASSERT_EQ(events->total, 2);
  EXPECT_EQ(events->entries[0].id, 2);
  ASSERT_EQ(events->entries[0].created_runs.size(), 1U);
  EXPECT_EQ(events->entries[0].created_runs[0].key.run_id, "d");
  filter.source_run_id = "r1";
  EXPECT_EQ(inventory_->DatasetEvents(filter)->entries[0].id, 1);
  filter.dataset_id = 9;
  EXPECT_EQ(inventory_->DatasetEvents(filter)->total, 0);
}

TEST_F(InventoryTest, QueuedEventsAreDeletedByDagAndDataset) {
  AddDag("waits");
  AddDag("too");
  AddDataset(1, "s3://a");
  AddDataset(2, "s3://b");
  for (const int id : {1, 2}) {
    AddConsumer(id, "waits");
    AddConsumer(id, "too");
  }
  ASSERT_TRUE(inventory_->AddDatasetEvent("s3://a", "{}", Hour(1)).ok());
  ASSERT_TRUE(inventory_->AddDatasetEvent("s3://b", "{}", Hour(2)).ok());
  QueuedEventFilter filter;
  filter.dag_id = "waits";
  filter.before = Hour(2);
  const auto queued = inventory_->QueuedEvents(filter);
  ASSERT_EQ(queued->size(), 1U);
  EXPECT_EQ(*inventory_->DeleteQueuedEvents(*queued), 1);
  EXPECT_EQ(inventory_->QueuedEvents({})->size(), 3U);
}

TEST_F(InventoryTest, AuditLogIsFiltered) {
  AddLogLine("a", "trigger", 1);
  AddLogLine("a", "paused", 2);
  AddLogLine("b", "trigger", 3);
  EXPECT_EQ(AuditIds({}), (std::vector<int64_t>{1, 2, 3}));
  AuditFilter filter;
  filter.dag_id = "a";
  filter.range.order_by = "dttm";
  filter.range.descending = true;
  EXPECT_EQ(AuditIds(filter), (std::vector<int64_t>{2, 1}));
  filter = {};
  filter.included_events = {"trigger", "paused"};
  filter.excluded_events = {"paused"};
  EXPECT_EQ(AuditIds(filter), (std::vector<int64_t>{1, 3}));
  filter = {};
  filter.after = Hour(1);
  filter.before = Hour(3);
  EXPECT_EQ(AuditIds(filter), (std::vector<int64_t>{2}));
  filter = {};
  filter.owner = "nobody";
  EXPECT_EQ(AuditIds(filter), (std::vector<int64_t>{}));
  filter = {};
  filter.readable_dags = std::vector<std::string>{"b"};
  EXPECT_EQ(AuditIds(filter), (std::vector<int64_t>{3}));
  filter.readable_dags = std::vector<std::string>{};
  EXPECT_EQ(AuditIds(filter), (std::vector<int64_t>{}));
  EXPECT_EQ(inventory_->AuditLogEntry(3)->entry.event, "trigger");
  EXPECT_EQ(inventory_->AuditLogEntry(9).error().code, ErrorCode::kNotFound);
}

TEST_F(InventoryTest, PoolsThatTasksNameAndNobodyMade) {
  AddDag("d");
  file_.Edit(
      "INSERT INTO serialized_dag (dag_id, fileloc, data, last_updated, dag_hash, is_latest)"
      " VALUES ('d', '/dags/a.py', '{\"tasks\": [{\"task_id\": \"a\"}, {\"task_id\": \"b\","
      " \"pool\": \"gpu\"}, {\"task_id\": \"c\", \"pool\": \"default_pool\"}]}', " +
      Quoted(Hour(1)) + ", 'h', 1)");
  const auto missing = inventory_->MissingPools();
  ASSERT_EQ(missing->size(), 1U);
  EXPECT_EQ((*missing)[0].dag_id, "d");
  EXPECT_EQ((*missing)[0].pool, "gpu");
  ASSERT_TRUE(inventory_->RenamePool("default_pool", "gpu").ok());
  EXPECT_EQ((*inventory_->MissingPools())[0].pool, "default_pool");
  EXPECT_EQ(inventory_->RenamePool("nope", "x").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(inventory_->RenamePool("nope", "gpu").error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace beeflow
