#include "store/sql/sql_catalog.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "store/sql/catalog_queries.h"
#include "store/sql/for_each_row.h"

namespace beeflow {
namespace {

using sql::ForEachRow;
using sql::ReadTaskInfo;
using sql::Statement;
using sql::TransactionScope;

Error NoDag(const std::string& dag_id) {
  return NotFound("DAG " + dag_id + " is not in the database; see `beeflow dags list`");
}

std::vector<std::string> Split(std::string_view text) {
  constexpr std::string_view kSeparator = ", ";
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(kSeparator), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + kSeparator.size(), text.size()));
  }
  return words;
}

// Columns of BEEFLOW_DAG_INFO_COLUMNS.
DagInfo ReadDagInfo(const Statement& row) {
  DagInfo info;
  info.record = sql::ReadDag(row);
  info.description = row.String(12);
  info.owners = Split(row.Text(13));
  info.schedule = row.String(14);
  info.max_active_tasks = static_cast<int>(row.Integer(15));
  info.max_active_runs = static_cast<int>(row.Integer(16));
  info.has_import_errors = row.Integer(17) != 0;
  info.last_parsed = row.OptionalTime(18);
  info.display_name = row.IsNull(19) ? info.record.dag_id : row.String(19);
  info.has_task_concurrency_limits = row.Integer(20) != 0;
  return info;
}

Status LoadTags(sql::Database* database, DagInfo* info) {
  return ForEachRow(database->Query(sql::kDagTags, info->record.dag_id), [&](const Statement& row) {
    info->tags.push_back(row.String(0));
    return Ok();
  });
}

// The condition of a filter, and its parameters in order.
struct RunCondition {
  std::string text = " WHERE 1 = 1";
  std::vector<sql::Value> values;

  explicit RunCondition(const RunFilter& filter) {
    if (filter.dag_id) Add("r.dag_id = ", *filter.dag_id);
    if (filter.run_id) Add("r.run_id = ", *filter.run_id);
    if (filter.logical_date_from) Add("r.execution_date >= ", *filter.logical_date_from);
    if (filter.logical_date_to) Add("r.execution_date <= ", *filter.logical_date_to);
    if (filter.states.empty()) return;
    text += " AND r.state IN (";
    for (const RunState state : filter.states) {
      text += (text.back() == '(' ? "'" : ", '") + std::string(ToString(state)) + "'";
    }
    text += ")";
  }

 private:
  void Add(const char* condition, sql::Value value) {
    values.push_back(std::move(value));
    text += std::string(" AND ") + condition + "$" + std::to_string(values.size());
  }
};

Result<Statement> QueryRuns(sql::Database* database, const std::string& sql,
                            const RunCondition& condition) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database->PrepareOnce(sql));
  for (const sql::Value& value : condition.values) rows.BindAlso(value);
  return rows;
}

}  // namespace

Result<std::vector<DagInfo>> SqlCatalog::Dags(bool only_active) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  std::vector<DagInfo> dags;
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(database_->Query(sql::kDagInfos, only_active), [&](const Statement& row) {
        dags.push_back(ReadDagInfo(row));
        return LoadTags(database_.get(), &dags.back());
      }));
  return dags;
}

Result<DagInfo> SqlCatalog::Dag(const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kDagInfo, dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return NoDag(dag_id);
  DagInfo info = ReadDagInfo(rows);
  BEEFLOW_RETURN_IF_ERROR(LoadTags(database_.get(), &info));
  return info;
}

Result<std::shared_ptr<const beeflow::Dag>> SqlCatalog::Model(const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(auto dag, models_.Load(database_.get(), dag_id));
  if (!dag) return NoDag(dag_id);
  return dag;
}

Result<std::string> SqlCatalog::SerializedDag(const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kSerializedDag, dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return NoDag(dag_id);
  return rows.String(1);
}

Result<std::string> SqlCatalog::Source(const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kDagSource, dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return NoDag(dag_id);
  return rows.String(0);
}

Result<std::vector<RunRecord>> SqlCatalog::Runs(const RunFilter& filter) {
  const RunCondition condition(filter);
  const std::string order = filter.newest_first ? " DESC" : "";
  const std::string sql = "SELECT " BEEFLOW_RUN_COLUMNS " FROM dag_run r" + condition.text +
                          " ORDER BY r.execution_date" + order + ", r.id" + order + " LIMIT " +
                          std::to_string(filter.limit) + " OFFSET " + std::to_string(filter.offset);
  std::vector<RunRecord> runs;
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(QueryRuns(database_.get(), sql, condition), [&](const Statement& row) -> Status {
        BEEFLOW_ASSIGN_OR_RETURN(RunRecord run, sql::ReadRun(row));
        runs.push_back(std::move(run));
        return Ok();
      }));
  return runs;
}

Result<int64_t> SqlCatalog::CountRuns(const RunFilter& filter) {
  const RunCondition condition(filter);
  BEEFLOW_ASSIGN_OR_RETURN(
      Statement rows,
      QueryRuns(database_.get(), "SELECT count(*) FROM dag_run r" + condition.text, condition));
  BEEFLOW_RETURN_IF_ERROR(rows.Step());
  return rows.Integer(0);
}

Result<RunRecord> SqlCatalog::Run(const RunKey& run) {
  BEEFLOW_ASSIGN_OR_RETURN(auto record, sql::LoadRunRecord(database_.get(), run));
  if (!record) return sql::NoRun(run);
  return std::move(*record);
}

Result<std::vector<TaskInfo>> SqlCatalog::Tasks(const RunKey& run) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  BEEFLOW_RETURN_IF_ERROR(Run(run));
  std::vector<TaskInfo> tasks;
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(database_->Query(sql::kTaskInfos, run.dag_id, run.run_id),
                                     [&](const Statement& row) -> Status {
                                       BEEFLOW_ASSIGN_OR_RETURN(TaskInfo task, ReadTaskInfo(row));
                                       tasks.push_back(std::move(task));
                                       return Ok();
                                     }));
  const auto dag = models_.Load(database_.get(), run.dag_id);
  if (!dag.ok() || !*dag) return tasks;  // Their names must do for an order.
  const auto place = [&](const TaskInfo& task) {
    const auto index = (*dag)->Find(task.record.task_id);
    return index ? static_cast<size_t>(*index) : (*dag)->tasks.size();
  };
  std::stable_sort(tasks.begin(), tasks.end(),
                   [&](const TaskInfo& a, const TaskInfo& b) { return place(a) < place(b); });
  return tasks;
}

Result<TaskInfo> SqlCatalog::Task(const RunKey& run, const std::string& task_id, int map_index) {
  BEEFLOW_RETURN_IF_ERROR(Run(run));
  BEEFLOW_ASSIGN_OR_RETURN(
      Statement rows, database_->Query(sql::kTaskInfo, run.dag_id, run.run_id, task_id, map_index));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (row) return ReadTaskInfo(rows);
  return sql::NoTask(run, task_id, map_index);
}

Result<std::vector<AttemptInfo>> SqlCatalog::Attempts(const RunKey& run) {
  BEEFLOW_RETURN_IF_ERROR(Run(run));
  std::vector<AttemptInfo> attempts;
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(database_->Query(sql::kAttempts, run.dag_id, run.run_id),
                                     [&](const Statement& row) {
                                       attempts.push_back(sql::ReadAttempt(row));
                                       return Ok();
                                     }));
  return attempts;
}

Result<std::vector<ImportErrorInfo>> SqlCatalog::ImportErrors() {
  std::vector<ImportErrorInfo> errors;
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(database_->Query(sql::kImportErrors), [&](const Statement& row) {
        errors.push_back(
            {row.Integer(0), row.String(1), row.String(2), row.OptionalTime(3).value_or(Time{})});
        return Ok();
      }));
  return errors;
}

Result<std::vector<PoolInfo>> SqlCatalog::Pools() {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  std::vector<PoolInfo> pools;
  std::map<std::string, size_t, std::less<>> by_name;
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(database_->Query(sql::kPoolInfos), [&](const Statement& row) {
    PoolInfo pool;
    pool.record = {row.String(0), static_cast<int>(row.Integer(1))};
    pool.description = row.String(2);
    pool.include_deferred = row.Integer(3) != 0;
    by_name[pool.record.name] = pools.size();
    pools.push_back(std::move(pool));
    return Ok();
  }));
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(database_->Query(sql::kPoolUse), [&](const Statement& row) {
    const auto it = by_name.find(row.Text(0));
    if (it == by_name.end()) return Ok();
    PoolInfo& pool = pools[it->second];
    const auto state = ParseTaskState(row.Text(1));
    if (state == TaskState::kQueued) pool.queued_slots += row.Integer(2);
    if (state == TaskState::kScheduled) pool.scheduled_slots += row.Integer(2);
    if (state == TaskState::kRunning || state == TaskState::kRestarting) {
      pool.running_slots += row.Integer(2);
    }
    return Ok();
  }));
  return pools;
}

Result<std::vector<AuditEntry>> SqlCatalog::AuditLog(const std::optional<std::string>& dag_id,
                                                     int64_t limit) {
  std::vector<AuditEntry> entries;
  auto rows = dag_id ? database_->Query(sql::kAuditLogOfDag, *dag_id, limit)
                     : database_->Query(sql::kAuditLog, limit);
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(std::move(rows), [&](const Statement& row) {
    entries.push_back({row.Integer(0), row.OptionalTime(1).value_or(Time{}), row.String(2),
                       row.String(3), row.String(4), row.String(5), row.String(6), row.String(7)});
    return Ok();
  }));
  return entries;
}

Result<std::map<std::string, std::string>> SqlCatalog::XComs(const RunKey& run,
                                                             const std::string& task_id,
                                                             int map_index) {
  std::map<std::string, std::string> values;
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(database_->Query(sql::kXComs, run.dag_id, run.run_id, task_id, map_index),
                 [&](const Statement& row) {
                   values.emplace(row.String(0), row.String(1));
                   return Ok();
                 }));
  return values;
}

}  // namespace beeflow
