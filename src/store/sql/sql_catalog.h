// The Catalog on an SQL database (ports/catalog.h has the contract). Each object has a connection
// of its own: readers see the last commit and never wait for the writer.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/catalog.h"
#include "store/sql/database.h"
#include "store/sql/rows.h"

namespace beeflow {

class SqlCatalog : public Catalog {
 public:
  // With a connection of its own.
  explicit SqlCatalog(std::unique_ptr<sql::Database> database) : database_(std::move(database)) {}

  Result<std::vector<DagInfo>> Dags(bool only_active) override;
  Result<DagInfo> Dag(const std::string& dag_id) override;
  Result<std::shared_ptr<const beeflow::Dag>> Model(const std::string& dag_id) override;
  Result<std::string> SerializedDag(const std::string& dag_id) override;
  Result<std::string> Source(const std::string& dag_id) override;
  Result<std::vector<RunRecord>> Runs(const RunFilter& filter) override;
  Result<int64_t> CountRuns(const RunFilter& filter) override;
  Result<RunRecord> Run(const RunKey& run) override;
  Result<std::vector<TaskInfo>> Tasks(const RunKey& run) override;
  Result<TaskInfo> Task(const RunKey& run, const std::string& task_id, int map_index) override;
  Result<std::vector<AttemptInfo>> Attempts(const RunKey& run) override;
  Result<std::vector<ImportErrorInfo>> ImportErrors() override;
  Result<std::vector<PoolInfo>> Pools() override;
  Result<std::vector<AuditEntry>> AuditLog(const std::optional<std::string>& dag_id,
                                           int64_t limit) override;
  Result<std::map<std::string, std::string>> XComs(const RunKey& run, const std::string& task_id,
                                                   int map_index) override;
  Result<std::vector<BackfillInfo>> Backfills(const BackfillFilter& filter) override;
  Result<int64_t> CountBackfills(const BackfillFilter& filter) override;
  Result<BackfillInfo> Backfill(int64_t id) override;
  Result<std::vector<Time>> DryRunBackfill(const BackfillOrder& order, Time now) override;

  Status Together(const std::function<Status()>& edits) override;
  Status SetPaused(const std::string& dag_id, bool paused) override;
  Result<RunRecord> CreateRun(const RunRecord& run) override;
  Result<BackfillInfo> CreateBackfill(const BackfillOrder& order, Time now) override;
  Status SetBackfillPaused(int64_t id, bool paused, Time now) override;
  Status CancelBackfill(int64_t id, Time now) override;
  Status DeleteDag(const std::string& dag_id) override;
  Status DeleteRun(const RunKey& run) override;
  Result<std::vector<ClearedTask>> Clear(const ClearSelection& selection) override;
  Result<std::vector<ClearedTask>> Clearable(const ClearSelection& selection) override;
  Result<int64_t> SetTaskState(const TaskSelection& selection, TaskState state, Time now) override;
  // As Airflow: success marks all task instances success; failed marks the running ones failed and
  // those that have not started skipped; queued lets the run go on. kInvalid for running.
  Status SetRunState(const RunKey& run, RunState state, Time now) override;
  Status SetRunNote(const RunKey& run, const std::string& note, Time now) override;
  Status SetTaskNote(const RunKey& run, const std::string& task_id, int map_index,
                     const std::string& note, Time now) override;
  Status SetPool(const PoolInfo& pool) override;
  Status DeletePool(const std::string& name) override;
  Status Audit(const AuditEntry& entry) override;

  sql::Database* database() { return database_.get(); }

 private:
  // Runs `edit` in a write transaction, committed if it succeeds; where one is open already, as a
  // part of that.
  template <typename Edit>
  auto InTransaction(const Edit& edit) -> decltype(edit());
  Status RequireDag(const std::string& dag_id);
  // The selected task instances; kNotFound for an unknown run or task.
  Result<std::vector<TaskRecord>> Select(const TaskSelection& selection);
  Status MarkTask(const TaskRecord& task, TaskState state, Time now);
  // sql_backfills.cc
  Result<std::vector<NextRun>> Intervals(const BackfillOrder& order, Time now);
  Status AddBackfillRuns(const BackfillOrder& order, int64_t id,
                         const std::vector<NextRun>& intervals, Time now);
  Status TakeRunAlong(const RunKey& run, const BackfillOrder& order, int64_t id, Time now);
  Result<BackfillInfo> OpenBackfill(int64_t id);
  Status MarkTasksOfRun(const RunKey& run, RunState state, Time now);

  std::unique_ptr<sql::Database> database_;
  sql::DagModels models_;
  bool writing_ = false;  // a write transaction is open
};

}  // namespace beeflow
