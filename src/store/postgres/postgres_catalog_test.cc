// Edits of the Catalog whose statements are composed, so that queries_test.cc does not know them.
#include <gtest/gtest.h>

#include "base/json.h"
#include "store/postgres/database.h"
#include "store/postgres/server_for_test.h"
#include "store/sql/sql_catalog.h"
#include "store/sql/sql_store.h"

namespace beeflow {
namespace {

using postgres::ServerForTest;

class PostgresCatalogTest : public testing::Test {
 protected:
  PostgresCatalogTest() : url_(ServerForTest::Shared().NewMigratedDatabase()) {
    const std::string dag =
        R"({"version": 1, "dag_id": "etl", "schedule": {"kind": "none"}, "tasks": [)"
        R"({"task_id": "one", "retries": 2, "downstream": ["two"]}, {"task_id": "two"}]})";
    Edit(
        "INSERT INTO dag (dag_id, fileloc) VALUES ('etl', '/d/etl.py');"
        "INSERT INTO serialized_dag (dag_id, fileloc, data, last_updated, dag_hash, is_latest)"
        " VALUES ('etl', '/d/etl.py', '" +
        dag +
        "', now(), 'h', TRUE);"
        "INSERT INTO dag_run (dag_id, run_id, execution_date, state)"
        " VALUES ('etl', 'r1', '2026-01-01', 'failed'), ('etl', 'r2', '2026-01-02', 'success');"
        "INSERT INTO task_instance (dag_id, run_id, task_id, try_number, state)"
        " SELECT 'etl', r.run_id, t.task_id, 1, t.state FROM dag_run r,"
        " (VALUES ('one', 'success'), ('two', 'skipped'), ('gone', 'failed')) t (task_id, state);"
        "INSERT INTO xcom (dag_run_id, dag_id, run_id, task_id, key, value) SELECT 1, 'etl',"
        " 'r1', 'one', 'skipmixin_key', '{\"skipped\": [\"two\"]}'");
  }

  void Edit(const std::string& sql) { ServerForTest::Execute(url_, sql); }
  std::string States() {
    return ServerForTest::Execute(
        url_,
        "SELECT string_agg(run_id || '.' || task_id || ':' || COALESCE(state, 'none') || ' '"
        " || max_tries, ', ' ORDER BY run_id, task_id) FROM task_instance");
  }

  const std::string url_;
  SqlCatalog catalog_{
      std::make_unique<postgres::Database>(std::make_shared<postgres::ConnectionPool>(url_))};
};

TEST_F(PostgresCatalogTest, ClearsSeveralRunsAtOnce) {
  ClearSelection selection;
  selection.dag_id = "etl";
  selection.runs = {"r2", "r1"};
  selection.tasks = {"two", "gone"};
  const auto clearable = catalog_.Clearable(selection);
  ASSERT_TRUE(clearable.ok()) << clearable.error().message;
  ASSERT_EQ(clearable->size(), 3U) << "a branch had skipped the fourth";
  EXPECT_EQ(clearable->front().run_id, "r2");
  const auto cleared = catalog_.Clear(selection);
  ASSERT_TRUE(cleared.ok()) << cleared.error().message;
  EXPECT_EQ(cleared->size(), 3U);
  EXPECT_EQ(States(),
            "r1.gone:none 1, r1.one:success 0, r1.two:skipped 0, "
            "r2.gone:none 1, r2.one:success 0, r2.two:none 1");
  EXPECT_EQ(catalog_.Run({"etl", "r2"})->state, RunState::kQueued);
}

TEST_F(PostgresCatalogTest, ClearsAllAndRestartsWhatRuns) {
  Edit("UPDATE task_instance SET state = 'running' WHERE run_id = 'r2' AND task_id = 'one'");
  ClearSelection selection;
  selection.dag_id = "etl";
  selection.runs = {"r1", "r2"};
  selection.instances = {{"one", -1}, {"two", 3}};
  const auto cleared = catalog_.Clear(selection);
  ASSERT_TRUE(cleared.ok()) << cleared.error().message;
  EXPECT_EQ(cleared->size(), 2U);
  EXPECT_EQ(States(),
            "r1.gone:failed 0, r1.one:none 3, r1.two:skipped 0, "
            "r2.gone:failed 0, r2.one:restarting 0, r2.two:skipped 0");
}

}  // namespace
}  // namespace beeflow
