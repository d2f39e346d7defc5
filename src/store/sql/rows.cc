#include "store/sql/rows.h"

#include <utility>

#include "base/json.h"
#include "store/sql/queries.h"

namespace beeflow::sql {
namespace {

Error Unreadable(const RunKey& run, const std::string& what) {
  return Internal("DAG " + run.dag_id + ", run " + run.run_id + ": " + what +
                  " in table dag_run cannot be read; correct the row, or delete it");
}

Result<std::vector<RunRecord>> LoadRuns(Database* database, std::string_view sql) {
  std::vector<RunRecord> runs;
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database->Query(sql));
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return runs;
    BEEFLOW_ASSIGN_OR_RETURN(RunRecord run, ReadRun(rows));
    runs.push_back(std::move(run));
  }
}

Result<std::vector<PoolRecord>> LoadPools(Database* database) {
  std::vector<PoolRecord> pools;
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database->Query(sql::kAllPools));
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return pools;
    pools.push_back({rows.String(0), static_cast<int>(rows.Integer(1))});
  }
}

Result<std::vector<DagSnapshot>> LoadDags(Database* database, DagModels* models) {
  std::vector<DagSnapshot> dags;
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database->Query(sql::kAllDagIds));
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return dags;
    auto dag = LoadDagSnapshot(database, models, rows.String(0));
    if (!dag.ok() && dag.error().code == ErrorCode::kInvalid) continue;
    if (!dag.ok()) return dag.error();
    if (*dag && (**dag).dag) dags.push_back(std::move(**dag));
  }
}

void ReadResumption(const Statement& row, int first, TaskRecord* task) {
  const int64_t reschedules = row.IsNull(first + 6) ? 0 : row.Integer(first + 6);
  if (row.IsNull(first) && row.IsNull(first + 3) && reschedules == 0) return;
  Resumption resumption;
  if (!row.IsNull(first)) resumption.next_method = row.String(first);
  if (!row.IsNull(first + 1)) resumption.next_kwargs = row.String(first + 1);
  resumption.trigger_timeout = row.OptionalTime(first + 2);
  if (!row.IsNull(first + 3)) resumption.trigger_class = row.String(first + 3);
  if (!row.IsNull(first + 4)) resumption.trigger_kwargs = row.String(first + 4);
  resumption.reschedule_date = row.OptionalTime(first + 5);
  resumption.reschedules = static_cast<int>(reschedules);
  resumption.start_date = task->start_date;
  task->resumption = std::make_shared<const Resumption>(std::move(resumption));
}

}  // namespace

std::optional<std::string_view> StateColumn(TaskState state) {
  if (state == TaskState::kNone) return std::nullopt;
  return ToString(state);
}

std::optional<std::string> AttemptColumn(AttemptId attempt) {
  if (attempt == 0) return std::nullopt;
  return FormatAttemptId(attempt);
}

std::optional<DataInterval> ReadInterval(const Statement& row, int first) {
  const auto start = row.OptionalTime(first);
  const auto end = row.OptionalTime(first + 1);
  if (!start || !end) return std::nullopt;
  return DataInterval{*start, *end};
}

std::optional<Time> IntervalStart(const std::optional<DataInterval>& interval) {
  return interval ? std::optional<Time>(interval->start) : std::nullopt;
}

std::optional<Time> IntervalEnd(const std::optional<DataInterval>& interval) {
  return interval ? std::optional<Time>(interval->end) : std::nullopt;
}

Result<RunRecord> ReadRun(const Statement& row, int first) {
  RunRecord run;
  run.id = row.Integer(first);
  run.key = {row.String(first + 1), row.String(first + 2)};
  const auto state = ParseRunState(row.Text(first + 3));
  const auto type = ParseRunType(row.Text(first + 4));
  const auto logical_date = row.OptionalTime(first + 5);
  if (!state) return Unreadable(run.key, "state");
  if (!type) return Unreadable(run.key, "run_type");
  if (!logical_date) return Unreadable(run.key, "execution_date");
  run.state = *state;
  run.type = *type;
  run.logical_date = *logical_date;
  run.interval = ReadInterval(row, first + 6);
  run.queued_at = row.OptionalTime(first + 8);
  run.start_date = row.OptionalTime(first + 9);
  run.end_date = row.OptionalTime(first + 10);
  run.external_trigger = row.Integer(first + 11) != 0;
  if (!row.IsNull(first + 12)) run.conf = row.String(first + 12);
  run.backfill_id = row.Integer(first + 13);
  run.backfill_ordinal = static_cast<int>(row.Integer(first + 14));
  return run;
}

Result<TaskRecord> ReadTask(const Statement& row, int first) {
  TaskRecord task;
  task.run = {row.String(first), row.String(first + 1)};
  task.task_id = row.String(first + 2);
  task.map_index = static_cast<int>(row.Integer(first + 3));
  const auto state = ParseTaskState(row.Text(first + 4));
  if (!state) {
    return Internal("DAG " + task.run.dag_id + ", run " + task.run.run_id + ", task " +
                    task.task_id + ": state '" + row.String(first + 4) +
                    "' in table task_instance is unknown; correct the row");
  }
  task.state = *state;
  task.try_number = static_cast<int>(row.Integer(first + 5));
  task.max_tries = static_cast<int>(row.Integer(first + 6));
  task.attempt = ParseAttemptId(row.Text(first + 7)).value_or(0);
  task.start_date = row.OptionalTime(first + 8);
  task.end_date = row.OptionalTime(first + 9);
  ReadResumption(row, first + 10, &task);
  return task;
}

Result<TaskInfo> ReadTaskInfo(const Statement& row) {
  TaskInfo info;
  BEEFLOW_ASSIGN_OR_RETURN(info.record, ReadTask(row));
  constexpr int kFirst = kTaskColumns;
  if (!row.IsNull(kFirst)) info.duration = row.Real(kFirst);
  info.operator_name = row.String(kFirst + 1);
  info.pool = row.String(kFirst + 2);
  info.pool_slots = static_cast<int>(row.Integer(kFirst + 3));
  info.queue = row.String(kFirst + 4);
  info.priority_weight = row.Integer(kFirst + 5);
  info.hostname = row.String(kFirst + 6);
  info.unixname = row.String(kFirst + 7);
  info.pid = row.Integer(kFirst + 8);
  info.queued_at = row.OptionalTime(kFirst + 9);
  info.rendered_map_index = row.String(kFirst + 10);
  return info;
}

AttemptInfo ReadAttempt(const Statement& row) {
  const auto integer = [&row](int column) {
    return row.IsNull(column) ? std::nullopt : std::optional<int64_t>(row.Integer(column));
  };
  const auto number = [&row](int column) {
    return row.IsNull(column) ? std::nullopt : std::optional<double>(row.Real(column));
  };
  AttemptInfo attempt;
  attempt.task_id = row.String(0);
  attempt.map_index = static_cast<int>(row.Integer(1));
  attempt.try_number = static_cast<int>(row.Integer(2));
  attempt.attempt_id = row.String(3);
  attempt.state = row.String(4);
  attempt.start_date = row.OptionalTime(5);
  attempt.end_date = row.OptionalTime(6);
  attempt.usage = {row.String(7), row.String(8), number(9),   number(10),
                   number(11),    integer(12),   integer(13), integer(14)};
  attempt.reason = row.String(15);
  return attempt;
}

Error NoRun(const RunKey& run) {
  return NotFound("DAG " + run.dag_id + " has no run " + run.run_id +
                  "; see `beeflow dags list-runs`");
}

Error NoTask(const RunKey& run, const std::string& task_id, int map_index) {
  const std::string index = map_index < 0 ? "" : " with map index " + std::to_string(map_index);
  return NotFound("DAG " + run.dag_id + ", run " + run.run_id + ": there is no task instance " +
                  task_id + index);
}

DagRecord ReadDag(const Statement& row, int first) {
  DagRecord dag;
  dag.dag_id = row.String(first);
  dag.file = row.String(first + 1);
  dag.is_paused = row.Integer(first + 2) != 0;
  dag.is_active = row.Integer(first + 3) != 0;
  dag.dag_hash = row.String(first + 4);
  dag.next_logical_date = row.OptionalTime(first + 5);
  dag.next_interval = ReadInterval(row, first + 6);
  dag.next_create_after = row.OptionalTime(first + 8);
  if (!row.IsNull(first + 9)) {
    dag.backfill = BackfillRecord{row.Integer(first + 9), row.Integer(first + 10) != 0,
                                  static_cast<int>(row.Integer(first + 11))};
  }
  return dag;
}

Result<std::shared_ptr<const Dag>> DagModels::Load(Database* database, const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database->Query(sql::kSerializedDag, dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) {
    entries_.erase(dag_id);
    return std::shared_ptr<const Dag>();
  }
  Entry& entry = entries_[dag_id];
  if (entry.dag && entry.hash == rows.Text(0)) return entry.dag;
  entry = {};
  auto json = ParseJson(rows.Text(1));
  auto dag = json.ok() ? DagFromJson(*json) : Result<std::shared_ptr<const Dag>>(json.error());
  if (!dag.ok()) {
    return Invalid("DAG " + dag_id + ": its serialized version in the database cannot be read (" +
                   dag.error().message + "); have its file parsed again, or delete the DAG");
  }
  entry = {rows.String(0), *dag};
  return entry.dag;
}

Result<std::optional<DagRecord>> LoadDagRecord(Database* database, const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database->Query(sql::kDagRecord, dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return std::optional<DagRecord>();
  DagRecord record = ReadDag(rows);
  BEEFLOW_ASSIGN_OR_RETURN(Statement updated, database->Query(sql::kUpdatedDatasets, dag_id));
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool dataset, updated.Step());
    if (!dataset) return std::optional<DagRecord>(std::move(record));
    record.updated_datasets.emplace_back(updated.String(0),
                                         updated.OptionalTime(1).value_or(Time{}));
  }
}

Result<std::optional<DagSnapshot>> LoadDagSnapshot(Database* database, DagModels* models,
                                                   const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(auto record, LoadDagRecord(database, dag_id));
  if (!record) return std::optional<DagSnapshot>();
  DagSnapshot snapshot;
  snapshot.record = std::move(*record);
  BEEFLOW_ASSIGN_OR_RETURN(snapshot.dag, models->Load(database, dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(Statement interval,
                           database->Query(sql::kLastAutomatedInterval, dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool has_interval, interval.Step());
  if (has_interval) snapshot.last_automated_interval = ReadInterval(interval, 0);
  return std::optional<DagSnapshot>(std::move(snapshot));
}

Result<std::optional<RunRecord>> LoadRunRecord(Database* database, const RunKey& run) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database->Query(sql::kRun, run.dag_id, run.run_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return std::optional<RunRecord>();
  BEEFLOW_ASSIGN_OR_RETURN(RunRecord record, ReadRun(rows));
  return std::optional<RunRecord>(std::move(record));
}

Result<std::vector<TaskRecord>> LoadTasks(Database* database, const RunKey& run) {
  std::vector<TaskRecord> tasks;
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows,
                           database->Query(sql::kTasksOfRun, run.dag_id, run.run_id));
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return tasks;
    BEEFLOW_ASSIGN_OR_RETURN(TaskRecord task, ReadTask(rows));
    tasks.push_back(std::move(task));
  }
}

Result<Snapshot> LoadActiveSnapshot(Database* database, DagModels* models) {
  Snapshot snapshot;
  BEEFLOW_ASSIGN_OR_RETURN(snapshot.dags, LoadDags(database, models));
  BEEFLOW_ASSIGN_OR_RETURN(snapshot.pools, LoadPools(database));
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<RunRecord> runs, LoadRuns(database, sql::kActiveRuns));
  snapshot.runs.reserve(runs.size());
  for (RunRecord& run : runs) {
    BEEFLOW_ASSIGN_OR_RETURN(std::vector<TaskRecord> tasks, LoadTasks(database, run.key));
    snapshot.runs.push_back({std::move(run), std::move(tasks)});
  }
  return snapshot;
}

}  // namespace beeflow::sql
