// Rows of the database as the records of scheduler/records.h, read in the column order of
// sql/queries.h; and the whole things that are made of several rows.
//
// Errors: kInternal, naming the row, for one that was edited into something that cannot be read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "ports/catalog.h"
#include "scheduler/records.h"
#include "store/sql/database.h"

namespace beeflow::sql {

// `first` is the column at which the record begins.
Result<RunRecord> ReadRun(const Statement& row, int first = 0);
// Of BEEFLOW_TASK_COLUMNS, the columns from `first` on.
inline constexpr int kTaskColumns = 17;
Result<TaskRecord> ReadTask(const Statement& row, int first = 0);
DagRecord ReadDag(const Statement& row, int first = 0);
// Of BEEFLOW_TASK_INFO_COLUMNS, the columns from 0 on.
inline constexpr int kTaskInfoColumns = kTaskColumns + 11;
Result<TaskInfo> ReadTaskInfo(const Statement& row);

// Of BEEFLOW_ATTEMPT_COLUMNS.
AttemptInfo ReadAttempt(const Statement& row);

// kNotFound, in words.
Error NoRun(const RunKey& run);
Error NoTask(const RunKey& run, const std::string& task_id, int map_index);

// NULL for the state "none".
std::optional<std::string_view> StateColumn(TaskState state);
// NULL for no attempt.
std::optional<std::string> AttemptColumn(AttemptId attempt);

std::optional<DataInterval> ReadInterval(const Statement& row, int first);
std::optional<Time> IntervalStart(const std::optional<DataInterval>& interval);
std::optional<Time> IntervalEnd(const std::optional<DataInterval>& interval);

// The models of DAGs, kept by their hash, so that a DAG is parsed once per version.
class DagModels {
 public:
  // Null where the DAG has no serialized version.
  Result<std::shared_ptr<const Dag>> Load(Database* database, const std::string& dag_id);

 private:
  struct Entry {
    std::string hash;
    std::shared_ptr<const Dag> dag;
  };
  std::unordered_map<std::string, Entry> entries_;
};

Result<std::optional<DagRecord>> LoadDagRecord(Database* database, const std::string& dag_id);
Result<std::optional<DagSnapshot>> LoadDagSnapshot(Database* database, DagModels* models,
                                                   const std::string& dag_id);
Result<std::optional<RunRecord>> LoadRunRecord(Database* database, const RunKey& run);
Result<std::vector<TaskRecord>> LoadTasks(Database* database, const RunKey& run);
// DAGs whose serialized version cannot be read are left out.
Result<Snapshot> LoadActiveSnapshot(Database* database, DagModels* models);

}  // namespace beeflow::sql
