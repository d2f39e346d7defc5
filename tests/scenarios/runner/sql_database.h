// What the databases on SQL have in common: the edits of people.
#pragma once

#include <string>

#include "database.h"
#include "store/sql/rows.h"
#include "store/sql/sql_catalog.h"

namespace beeflow::scenario {

class SqlDatabase : public Database {
 public:
  Status SetPaused(const std::string& dag_id, bool paused) override {
    return catalog().SetPaused(dag_id, paused);
  }
  Status CreateRun(const RunRecord& run) override { return StatusOf(catalog().CreateRun(run)); }
  Status DeleteDag(const std::string& dag_id) override { return catalog().DeleteDag(dag_id); }
  Status DeleteRun(const RunKey& run) override { return catalog().DeleteRun(run); }
  Status Clear(const TaskSelection& selection) override {
    ClearSelection cleared;
    cleared.dag_id = selection.run.dag_id;
    cleared.runs = {selection.run.run_id};
    cleared.tasks = selection.tasks;
    cleared.map_index = selection.map_index;
    cleared.only_failed = selection.only_failed;
    cleared.only_running = selection.only_running;
    return StatusOf(catalog().Clear(cleared));
  }
  Status SetTaskState(const TaskSelection& selection, TaskState state, Time now) override {
    return StatusOf(catalog().SetTaskState(selection, state, now));
  }
  Status SetRunState(const RunKey& run, RunState state, Time now) override {
    return catalog().SetRunState(run, state, now);
  }
  Status SetPool(const std::string& name, int slots) override {
    PoolInfo pool;
    pool.record = {name, slots};
    return catalog().SetPool(pool);
  }
  Status DeletePool(const std::string& name) override { return catalog().DeletePool(name); }
  Status StartBackfill(const BackfillOrder& order, Time now) override {
    return StatusOf(catalog().CreateBackfill(order, now));
  }
  Status PauseBackfill(const std::string& dag_id, bool paused, Time now) override {
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t id, BackfillOf(dag_id));
    return catalog().SetBackfillPaused(id, paused, now);
  }
  Status CancelBackfill(const std::string& dag_id, Time now) override {
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t id, BackfillOf(dag_id));
    return catalog().CancelBackfill(id, now);
  }

  Status WriteTask(const TaskRecord& task) override {
    return StatusOf(
        shell().Execute("UPDATE task_instance SET state = $1, try_number = $2, max_tries = $3,"
                        " external_executor_id = $4, start_date = $5, end_date = $6"
                        " WHERE dag_id = $7 AND run_id = $8 AND task_id = $9 AND map_index = $10",
                        sql::StateColumn(task.state), task.try_number, task.max_tries,
                        sql::AttemptColumn(task.attempt), task.start_date, task.end_date,
                        task.run.dag_id, task.run.run_id, task.task_id, task.map_index));
  }
  Status WriteRun(const RunRecord& run) override {
    return StatusOf(
        shell().Execute("UPDATE dag_run SET state = $1 WHERE dag_id = $2 AND run_id = $3",
                        ToString(run.state), run.key.dag_id, run.key.run_id));
  }
  Status WriteBackfill(const std::string& dag_id, const BackfillRecord& backfill) override {
    return StatusOf(
        shell().Execute("UPDATE backfill SET is_paused = $1, max_active_runs = $2"
                        " WHERE dag_id = $3 AND completed_at IS NULL",
                        backfill.is_paused, backfill.max_active_runs, dag_id));
  }
  Status DeleteTask(const TaskRecord& task) override {
    return StatusOf(
        shell().Execute("DELETE FROM task_instance"
                        " WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 AND map_index = $4",
                        task.run.dag_id, task.run.run_id, task.task_id, task.map_index));
  }

 protected:
  // Each on a connection that is not the store's.
  virtual SqlCatalog& catalog() = 0;
  virtual sql::Database& shell() = 0;

 private:
  Result<int64_t> BackfillOf(const std::string& dag_id) {
    BackfillFilter filter;
    filter.dag_id = dag_id;
    filter.only_active = true;
    BEEFLOW_ASSIGN_OR_RETURN(const auto found, catalog().Backfills(filter));
    if (found.empty()) return NotFound("DAG " + dag_id + " has no backfill");
    return found.front().id;
  }
  template <typename T>
  static Status StatusOf(const Result<T>& result) {
    return result.ok() ? Ok() : Status(result.error());
  }
};

}  // namespace beeflow::scenario
