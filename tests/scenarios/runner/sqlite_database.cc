// Scenarios on the SQLite database: the control loop and the people who edit each have a connection
// of their own, as in production.
#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "database.h"
#include "store/sqlite/database.h"
#include "store/sql/rows.h"
#include "store/sql/sql_catalog.h"
#include "store/sql/sql_store.h"

namespace beeflow::scenario {
namespace {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    path_ = (std::filesystem::temp_directory_path() / "beeflow-scenario-XXXXXX").string();
    BEEFLOW_CHECK(mkdtemp(path_.data()) != nullptr);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.ok() ? Ok() : Status(result.error());
}

class SqliteDatabase : public Database {
 public:
  Status Open() {
    BEEFLOW_RETURN_IF_ERROR(Reopen());
    BEEFLOW_ASSIGN_OR_RETURN(catalog_, sqlite::OpenAs<SqlCatalog>(path(), sqlite::OpenMode::kExisting));
    BEEFLOW_ASSIGN_OR_RETURN(shell_, sqlite::Database::Open(path(), sqlite::OpenMode::kExisting));
    return Ok();
  }

  Store* store() override { return store_.get(); }
  Status Reopen() override {
    store_.reset();
    BEEFLOW_ASSIGN_OR_RETURN(store_, sqlite::OpenStore(path(), sqlite::OpenMode::kCreate));
    return Ok();
  }

  Status SetPaused(const std::string& dag_id, bool paused) override {
    return catalog_->SetPaused(dag_id, paused);
  }
  Status CreateRun(const RunRecord& run) override { return StatusOf(catalog_->CreateRun(run)); }
  Status DeleteDag(const std::string& dag_id) override { return catalog_->DeleteDag(dag_id); }
  Status DeleteRun(const RunKey& run) override { return catalog_->DeleteRun(run); }
  Status Clear(const TaskSelection& selection) override {
    return StatusOf(catalog_->Clear(selection));
  }
  Status SetTaskState(const TaskSelection& selection, TaskState state, Time now) override {
    return StatusOf(catalog_->SetTaskState(selection, state, now));
  }
  Status SetRunState(const RunKey& run, RunState state, Time now) override {
    return catalog_->SetRunState(run, state, now);
  }
  Status SetPool(const std::string& name, int slots) override {
    PoolInfo pool;
    pool.record = {name, slots};
    return catalog_->SetPool(pool);
  }
  Status DeletePool(const std::string& name) override { return catalog_->DeletePool(name); }

  Status WriteTask(const TaskRecord& task) override {
    return StatusOf(
        shell_->Execute("UPDATE task_instance SET state = $1, try_number = $2, max_tries = $3,"
                        " external_executor_id = $4, start_date = $5, end_date = $6"
                        " WHERE dag_id = $7 AND run_id = $8 AND task_id = $9 AND map_index = $10",
                        sqlite::StateColumn(task.state), task.try_number, task.max_tries,
                        sqlite::AttemptColumn(task.attempt), task.start_date, task.end_date,
                        task.run.dag_id, task.run.run_id, task.task_id, task.map_index));
  }
  Status WriteRun(const RunRecord& run) override {
    return StatusOf(
        shell_->Execute("UPDATE dag_run SET state = $1 WHERE dag_id = $2 AND run_id = $3",
                        ToString(run.state), run.key.dag_id, run.key.run_id));
  }
  Status DeleteTask(const TaskRecord& task) override {
    return StatusOf(
        shell_->Execute("DELETE FROM task_instance"
                        " WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 AND map_index = $4",
                        task.run.dag_id, task.run.run_id, task.task_id, task.map_index));
  }

 private:
  std::string path() const { return folder_.path() + "/beeflow.db"; }

  TemporaryFolder folder_;
  std::unique_ptr<SqlStore> store_;
  std::unique_ptr<SqlCatalog> catalog_;
  std::unique_ptr<sqlite::Database> shell_;
};

}  // namespace

Result<std::unique_ptr<Database>> NewSqliteDatabase() {
  auto database = std::make_unique<SqliteDatabase>();
  BEEFLOW_RETURN_IF_ERROR(database->Open());
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace beeflow::scenario
