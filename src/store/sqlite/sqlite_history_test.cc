#include <gtest/gtest.h>

#include <utility>

#include "store/sql/sql_catalog.h"
#include "store/sql/sql_history.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

Time At(int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

// DAG "a" has the runs r1 (second 1), r2 (2) and r3 (3), DAG "b" has r1 (4); each with tasks x, y
// and two instances of m.
constexpr const char* kRows = R"sql(
INSERT INTO dag_run (id, dag_id, run_id, execution_date, state, start_date, conf, updated_at) VALUES
  (1, 'a', 'r1', '1970-01-01 00:00:01.000000', 'success', '1970-01-01 00:00:11.000000', '{}',
   '1970-01-01 00:01:00.000000'),
  (2, 'a', 'r2', '1970-01-01 00:00:02.000000', 'failed', '1970-01-01 00:00:12.000000', NULL, NULL),
  (3, 'a', 'r3', '1970-01-01 00:00:03.000000', 'running', NULL, '{}', NULL),
  (4, 'b', 'r1', '1970-01-01 00:00:04.000000', 'queued', NULL, '{}', NULL);
INSERT INTO task_instance (dag_id, run_id, task_id, map_index, state, pool, queue, duration)
  SELECT dag_id, run_id, task_id, map_index,
         CASE WHEN state = 'running' AND task_id = 'y' THEN 'running'
              WHEN state = 'queued' THEN NULL ELSE 'success' END,
         CASE task_id WHEN 'x' THEN 'default_pool' ELSE 'p' END, 'default', id
  FROM dag_run, (SELECT 'x' AS task_id, -1 AS map_index UNION SELECT 'y', -1
                 UNION SELECT 'm', 0 UNION SELECT 'm', 1);
INSERT INTO xcom (dag_run_id, dag_id, run_id, task_id, map_index, key, value) VALUES
  (1, 'a', 'r1', 'x', -1, 'return_value', '{"k": 1}'), (1, 'a', 'r1', 'm', 1, 'other', '"t"'),
  (4, 'b', 'r1', 'x', -1, 'return_value', NULL);
INSERT INTO dataset (id, uri, created_at, updated_at) VALUES (7, 's3://d', '1970-01-01', '1970-01-01');
INSERT INTO dataset_event (id, dataset_id, extra, source_dag_id, source_map_index, timestamp) VALUES
  (8, 7, '{"n": 2}', 'b', -1, '1970-01-01 00:00:05.000000');
INSERT INTO dagrun_dataset_event VALUES (1, 8), (2, 8);
)sql";

class SqliteHistoryTest : public testing::Test {
 protected:
  SqliteHistoryTest() { file_.Edit(kRows); }

  std::string Ids(const TaskQuery& query) {
    std::string ids;
    for (const TaskEntry& task : Taken(history_->Tasks(query)).entries) {
      const TaskRecord& record = task.info.record;
      ids += (ids.empty() ? "" : " ") + record.run.dag_id + "." + record.run.run_id + "." +
             record.task_id;
      if (record.map_index >= 0) ids += std::to_string(record.map_index);
    }
    return ids;
  }
  std::string Ids(const RunQuery& query) {
    std::string ids;
    for (const RunEntry& run : Taken(history_->Runs(query)).entries) {
      ids += (ids.empty() ? "" : " ") + run.record.key.dag_id + "." + run.record.key.run_id;
    }
    return ids;
  }
  // What SQLite would do for the statements of a query; one step a line.
  std::string PlanOf(const TaskQuery& query) {
    std::vector<std::string> statements;
    sqlite3* handle = static_cast<sqlite::Database*>(history_->database())->handle();
    const auto keep = [](unsigned, void* list, void*, void* text) {
      static_cast<std::vector<std::string>*>(list)->emplace_back(static_cast<const char*>(text));
      return 0;
    };
    sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, keep, &statements);
    EXPECT_TRUE(history_->Tasks(query).ok());
    sqlite3_trace_v2(handle, 0, nullptr, nullptr);
    std::string steps;
    for (const std::string& statement : statements) {
      if (statement.find("SELECT") == std::string::npos) continue;
      auto plan = Taken(history_->database()->PrepareOnce("EXPLAIN QUERY PLAN " + statement));
      while (plan.Step().value()) steps += plan.String(3) + "\n";
    }
    return steps;
  }

  TempDatabase file_;
  std::unique_ptr<SqlCatalog> catalog_ =
      Taken(sqlite::OpenAs<SqlCatalog>(file_.path(), sqlite::OpenMode::kCreate));
  std::unique_ptr<SqlHistory> history_ =
      Taken(sqlite::OpenAs<SqlHistory>(file_.path(), sqlite::OpenMode::kExisting));
};

TEST_F(SqliteHistoryTest, RunsAreFilteredOrderedAndPaged) {
  EXPECT_EQ(Ids(RunQuery{}), "a.r1 a.r2 a.r3 b.r1");
  RunQuery query;
  query.dag_ids = Choice({"a"});
  query.paging = {"-execution_date", 2, 1};
  EXPECT_EQ(Ids(query), "a.r2 a.r1");
  EXPECT_EQ(Taken(history_->Runs(query)).total, 3);
  query = {};
  query.states = {RunState::kQueued, RunState::kFailed};
  EXPECT_EQ(Ids(query), "a.r2 b.r1");
  query = {};
  query.logical_date = {At(2), At(3)};
  EXPECT_EQ(Ids(query), "a.r2 a.r3");
  query = {};
  query.start_date.from = At(12);
  EXPECT_EQ(Ids(query), "a.r2");
  query = {};
  query.updated_at.to = At(60);
  EXPECT_EQ(Ids(query), "a.r1");
  query = {};
  query.dag_ids = std::vector<std::string>();
  EXPECT_EQ(Ids(query), "");
  query.dag_ids = Choice({"b", "zeta", "' OR 1 = 1 --"});
  EXPECT_EQ(Ids(query), "b.r1");
}

TEST_F(SqliteHistoryTest, AnUnknownColumnToOrderByIsNamed) {
  RunQuery query;
  query.paging.order_by = "-id; DROP TABLE dag_run";
  const auto runs = history_->Runs(query);
  ASSERT_FALSE(runs.ok());
  EXPECT_EQ(runs.error().code, ErrorCode::kInvalid);
  EXPECT_NE(runs.error().message.find("'id; DROP TABLE dag_run' is no column"), std::string::npos);
}

TEST_F(SqliteHistoryTest, TaskInstancesAreFilteredOrderedAndPaged) {
  TaskQuery query;
  query.dag_ids = Choice({"a"});
  query.run_ids = Choice({"r3"});
  EXPECT_EQ(Ids(query), "a.r3.m0 a.r3.m1 a.r3.x a.r3.y");
  query.states = {TaskState::kRunning};
  EXPECT_EQ(Ids(query), "a.r3.y");
  query = {};
  query.states = {TaskState::kNone, TaskState::kRunning};
  query.only_mapped = true;
  EXPECT_EQ(Ids(query), "b.r1.m0 b.r1.m1");
  query = {};
  query.run_ids = Choice({"r1"});
  query.task_ids = Choice({"x", "y"});
  EXPECT_EQ(Ids(query), "a.r1.x a.r1.y b.r1.x b.r1.y");
  query = {};
  query.logical_date.from = At(3);
  query.pools = Choice({"default_pool"});
  EXPECT_EQ(Ids(query), "a.r3.x b.r1.x");
  query = {};
  query.duration = {2.0, 2.5};
  query.map_index = 1;
  EXPECT_EQ(Ids(query), "a.r2.m1");
  query = {};
  query.task_ids = Choice({"x"});
  query.paging = {"-execution_date", 2, 1};
  EXPECT_EQ(Ids(query), "a.r3.x a.r2.x");
  EXPECT_EQ(Taken(history_->Tasks(query)).total, 4);
}

TEST_F(SqliteHistoryTest, AListOfOneDagReadsNoOther) {
  TaskQuery of_run;
  of_run.dag_ids = Choice({"a"});
  of_run.run_ids = Choice({"r1"});
  TaskQuery of_dag;
  of_dag.dag_ids = Choice({"a", "b"});
  TaskQuery of_run_id;
  of_run_id.run_ids = Choice({"r1"});
  TaskQuery of_dates;
  of_dates.logical_date.from = At(3);
  for (const TaskQuery& query : {of_run, of_dag, of_run_id, of_dates}) {
    const std::string plan = PlanOf(query);
    EXPECT_NE(plan.find("SEARCH t USING"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("SCAN t"), std::string::npos) << plan;
  }
  TaskQuery running;
  running.states = {TaskState::kRunning, TaskState::kQueued};
  const std::string plan = PlanOf(running);
  EXPECT_NE(plan.find("task_instance_active"), std::string::npos) << plan;
}

TEST_F(SqliteHistoryTest, ATaskInstanceHasWhatBelongsToIt) {
  file_.Edit(
      "INSERT INTO trigger (id, classpath, kwargs, created_date) VALUES"
      " (5, 'm.T', '{}', '1970-01-01 00:00:09.000000');"
      "UPDATE task_instance SET state = 'deferred', trigger_id = 5"
      " WHERE dag_id = 'a' AND run_id = 'r3' AND task_id = 'x';"
      "INSERT INTO sla_miss (task_id, dag_id, execution_date, notification_sent)"
      " VALUES ('x', 'a', '1970-01-01 00:00:03.000000', 1)");
  ASSERT_TRUE(catalog_->SetTaskNote({"a", "r3"}, "x", -1, "look", At(50)).ok());
  const TaskEntry task = Taken(history_->Task({"a", "r3"}, "x", -1));
  EXPECT_EQ(task.logical_date, At(3));
  EXPECT_EQ(task.note, "look");
  ASSERT_TRUE(task.trigger);
  EXPECT_EQ(task.trigger->classpath, "m.T");
  ASSERT_TRUE(task.sla_miss);
  EXPECT_TRUE(task.sla_miss->notification_sent);
  EXPECT_FALSE(Taken(history_->Task({"a", "r2"}, "x", -1)).sla_miss);
  EXPECT_EQ(history_->Task({"a", "r3"}, "z", -1).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(history_->Task({"a", "r9"}, "x", -1).error().code, ErrorCode::kNotFound);
}

TEST_F(SqliteHistoryTest, NotesAreReplacedAndGoWithTheirRun) {
  const RunKey run{"a", "r1"};
  ASSERT_TRUE(catalog_->SetRunNote(run, "one", At(50)).ok());
  ASSERT_TRUE(catalog_->SetRunNote(run, "two", At(51)).ok());
  ASSERT_TRUE(catalog_->SetTaskNote(run, "m", 1, "mapped", At(51)).ok());
  EXPECT_EQ(Taken(history_->Run(run)).note, "two");
  EXPECT_EQ(Taken(history_->Task(run, "m", 1)).note, "mapped");
  EXPECT_EQ(file_.Edit("SELECT count(*) FROM dag_run_note"), "1");
  EXPECT_EQ(catalog_->SetTaskNote(run, "z", -1, "", At(1)).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(catalog_->DeleteRun(run).ok());
  EXPECT_EQ(file_.Edit("SELECT (SELECT count(*) FROM dag_run_note) +"
                       " (SELECT count(*) FROM task_instance_note)"),
            "0");
}

TEST_F(SqliteHistoryTest, EditsTogetherAreOneTransaction) {
  const RunKey run{"a", "r1"};
  const Status failed = catalog_->Together([&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(catalog_->SetRunNote(run, "gone", At(50)));
    BEEFLOW_RETURN_IF_ERROR(catalog_->Tasks(run));
    return catalog_->DeleteRun({"a", "nope"});
  });
  EXPECT_EQ(failed.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(Taken(history_->Run(run)).note);
  ASSERT_TRUE(catalog_->Together([&] { return catalog_->SetRunNote(run, "kept", At(50)); }).ok());
  EXPECT_EQ(Taken(history_->Run(run)).note, "kept");
}

TEST_F(SqliteHistoryTest, XComs) {
  EXPECT_EQ(Taken(history_->XComs(XComQuery{})).total, 3);
  XComQuery query;
  query.dag_ids = Choice({"a"});
  query.map_index = 1;
  const auto mapped = Taken(history_->XComs(query));
  ASSERT_EQ(mapped.total, 1);
  EXPECT_EQ(mapped.entries[0].key, "other");
  EXPECT_EQ(mapped.entries[0].logical_date, At(1));
  query = {};
  query.key = "return_value";
  query.paging.offset = 1;
  EXPECT_EQ(Taken(history_->XComs(query)).entries.at(0).run.dag_id, "b");
  EXPECT_EQ(Taken(history_->XCom({"a", "r1"}, "x", -1, "return_value")).value, R"({"k": 1})");
  EXPECT_EQ(Taken(history_->XCom({"b", "r1"}, "x", -1, "return_value")).value, "null");
  EXPECT_EQ(history_->XCom({"a", "r1"}, "x", -1, "no").error().code, ErrorCode::kNotFound);
}

TEST_F(SqliteHistoryTest, UpstreamDatasetEventsTellWhatElseTheyStarted) {
  const auto events = Taken(history_->UpstreamDatasetEvents({"a", "r2"}));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].dataset_uri, "s3://d");
  EXPECT_EQ(events[0].source_dag_id, "b");
  EXPECT_EQ(events[0].source_task_id, std::nullopt);
  ASSERT_EQ(events[0].created_runs.size(), 2u);
  EXPECT_EQ(events[0].created_runs[0].key.run_id, "r1");
  EXPECT_TRUE(Taken(history_->UpstreamDatasetEvents({"b", "r1"})).empty());
}

}  // namespace
}  // namespace beeflow
