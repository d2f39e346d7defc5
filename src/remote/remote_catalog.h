// The Catalog of a server elsewhere, over its REST API (ports/catalog.h has the contract). The
// server writes its audit log itself, and checks what may be done.
//
// Threads: one. Errors besides those of the contract: kUnavailable where the server does not
// answer, kInvalid where it refuses, or where its API has no way to do it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ports/catalog.h"
#include "remote/server_api.h"

namespace beeflow {

class RemoteCatalog : public Catalog {
 public:
  explicit RemoteCatalog(std::unique_ptr<ServerApi> api) : api_(std::move(api)) {}

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
  // kInvalid: the API does not tell them.
  Result<std::vector<AttemptInfo>> Attempts(const RunKey& run) override;
  Result<std::vector<ImportErrorInfo>> ImportErrors() override;
  Result<std::vector<PoolInfo>> Pools() override;
  Result<std::vector<AuditEntry>> AuditLog(const std::optional<std::string>& dag_id,
                                           int64_t limit) override;
  Result<std::map<std::string, std::string>> XComs(const RunKey& run, const std::string& task_id,
                                                   int map_index) override;
  // kInvalid without a DAG: the API lists those of one. It does not tell the states of their runs.
  Result<std::vector<BackfillInfo>> Backfills(const BackfillFilter& filter) override;
  Result<int64_t> CountBackfills(const BackfillFilter& filter) override;
  Result<BackfillInfo> Backfill(int64_t id) override;
  Result<std::vector<Time>> DryRunBackfill(const BackfillOrder& order, Time now) override;

  // Each edit is a request of its own.
  Status Together(const std::function<Status()>& edits) override { return edits(); }
  Status SetPaused(const std::string& dag_id, bool paused) override;
  // Where the run has no data interval, the server asks the DAG's timetable.
  Result<RunRecord> CreateRun(const RunRecord& run) override;
  Result<BackfillInfo> CreateBackfill(const BackfillOrder& order, Time now) override;
  Status SetBackfillPaused(int64_t id, bool paused, Time now) override;
  Status CancelBackfill(int64_t id, Time now) override;
  Status DeleteDag(const std::string& dag_id) override;
  Status DeleteRun(const RunKey& run) override;
  // A request for each run.
  Result<std::vector<ClearedTask>> Clear(const ClearSelection& selection) override;
  Result<std::vector<ClearedTask>> Clearable(const ClearSelection& selection) override;
  Result<int64_t> SetTaskState(const TaskSelection& selection, TaskState state, Time now) override;
  Status SetRunState(const RunKey& run, RunState state, Time now) override;
  Status SetRunNote(const RunKey& run, const std::string& note, Time now) override;
  Status SetTaskNote(const RunKey& run, const std::string& task_id, int map_index,
                     const std::string& note, Time now) override;
  Status SetPool(const PoolInfo& pool) override;
  Status DeletePool(const std::string& name) override;
  Status Audit(const AuditEntry& entry) override;

  // The log of a try, as text.
  Result<std::string> Log(const TaskRecord& task, int try_number);

 private:
  Result<Json> AskToClear(const ClearSelection& selection, const std::string& run_id, bool dry_run);
  std::unique_ptr<ServerApi> api_;
  std::map<std::string, std::shared_ptr<const beeflow::Dag>> models_;
};

}  // namespace beeflow
