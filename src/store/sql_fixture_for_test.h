// For tests of stores on SQL: edits by others, in words that all engines understand.
#pragma once

#include <optional>
#include <string>

#include "store/conformance.h"

namespace beeflow {

class SqlFixture : public StoreFixture {
 public:
  Status CreateRun(const RunRecord& run) override {
    return Edit("INSERT INTO dag_run (dag_id, run_id, execution_date) VALUES (" +
                Quoted(run.key.dag_id) + ", " + Quoted(run.key.run_id) + ", " +
                Quoted(run.logical_date) + ")");
  }
  Status DeleteRun(const RunKey& run) override {
    return Edit("DELETE FROM dag_run WHERE " + Where(run));
  }
  Status WriteTask(const TaskRecord& task) override {
    const std::string state =
        task.state == TaskState::kNone ? "NULL" : Quoted(std::string(ToString(task.state)));
    return Edit("UPDATE task_instance SET state = " + state + ", try_number = " +
                std::to_string(task.try_number) + ", start_date = " + Quoted(task.start_date) +
                ", end_date = " + Quoted(task.end_date) + " WHERE " + Where(task.run) +
                " AND task_id = " + Quoted(task.task_id));
  }
  Status DeleteTask(const RunKey& run, const std::string& task_id, int map_index) override {
    return Edit("DELETE FROM task_instance WHERE " + Where(run) + " AND task_id = " +
                Quoted(task_id) + " AND map_index = " + std::to_string(map_index));
  }
  Status SetPaused(const std::string& dag_id, bool paused) override {
    return Edit(std::string("UPDATE dag SET is_paused = ") + (paused ? "TRUE" : "FALSE") +
                " WHERE dag_id = " + Quoted(dag_id));
  }
  Status DeleteDag(const std::string& dag_id) override {
    return Edit("DELETE FROM dag_run WHERE dag_id = " + Quoted(dag_id) +
                "; DELETE FROM dag WHERE dag_id = " + Quoted(dag_id));
  }
  Status SetPool(const std::string& name, int slots) override {
    return Edit("INSERT INTO slot_pool (pool, slots) VALUES (" + Quoted(name) + ", " +
                std::to_string(slots) +
                ") ON CONFLICT (pool) DO UPDATE SET slots = " + std::to_string(slots));
  }
  Status DeletePool(const std::string& name) override {
    return Edit("DELETE FROM slot_pool WHERE pool = " + Quoted(name));
  }
  Status StartBackfill(const std::string& dag_id, const BackfillRecord& backfill,
                       const std::vector<RunRecord>& runs) override {
    const std::string id = std::to_string(backfill.id);
    std::string sql =
        "INSERT INTO backfill (id, dag_id, from_date, to_date, is_paused, max_active_runs,"
        " created_at, updated_at) VALUES (" +
        id + ", " + Quoted(dag_id) + ", '2024-01-01 00:00:00', '2024-01-31 00:00:00', " +
        (backfill.is_paused ? "TRUE" : "FALSE") + ", " + std::to_string(backfill.max_active_runs) +
        ", '2024-02-01 00:00:00', '2024-02-01 00:00:00')";
    for (const RunRecord& run : runs) {
      sql +=
          "; INSERT INTO dag_run (dag_id, run_id, run_type, execution_date, backfill_id) VALUES (" +
          Quoted(run.key.dag_id) + ", " + Quoted(run.key.run_id) + ", 'backfill', " +
          Quoted(run.logical_date) + ", " + id +
          "); INSERT INTO backfill_dag_run (backfill_id, dag_run_id, logical_date, sort_ordinal)"
          " SELECT backfill_id, id, execution_date, " +
          std::to_string(run.backfill_ordinal) + " FROM dag_run WHERE " + Where(run.key);
    }
    return Edit(sql);
  }
  Status SetBackfill(const std::string& dag_id, const BackfillRecord& backfill) override {
    return Edit(std::string("UPDATE backfill SET is_paused = ") +
                (backfill.is_paused ? "TRUE" : "FALSE") +
                ", max_active_runs = " + std::to_string(backfill.max_active_runs) +
                " WHERE dag_id = " + Quoted(dag_id) + " AND id = " + std::to_string(backfill.id));
  }

 protected:
  // Executes and commits it on a connection of its own.
  virtual Status Edit(const std::string& sql) = 0;

 private:
  static std::string Quoted(const std::string& text) { return "'" + text + "'"; }
  static std::string Quoted(std::optional<Time> time) {
    return time ? Quoted(FormatSql(*time)) : "NULL";
  }
  static std::string Where(const RunKey& run) {
    return "dag_id = " + Quoted(run.dag_id) + " AND run_id = " + Quoted(run.run_id);
  }
};

}  // namespace beeflow
