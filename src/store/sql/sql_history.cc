#include "store/sql/sql_history.h"

#include <algorithm>
#include <utility>

#include "store/sql/for_each_row.h"
#include "store/sql/history_queries.h"
#include "store/sql/row_condition.h"
#include "store/sql/rows.h"

namespace beeflow {
namespace {

using sql::ForEachRow;
using sql::OrderColumn;
using sql::RowCondition;
using sql::Statement;
using sql::TransactionScope;

const std::vector<OrderColumn> kRunOrder = {{"id", "r.id"},
                                            {"dag_id", "r.dag_id"},
                                            {"dag_run_id", "r.run_id"},
                                            {"run_id", "r.run_id"},
                                            {"run_type", "r.run_type"},
                                            {"execution_date", "r.execution_date"},
                                            {"logical_date", "r.execution_date"},
                                            {"state", "r.state"},
                                            {"start_date", "r.start_date"},
                                            {"end_date", "r.end_date"},
                                            {"updated_at", "r.updated_at"},
                                            {"external_trigger", "r.external_trigger"},
                                            {"conf", "r.conf"}};
const std::vector<OrderColumn> kTaskOrder = {{"dag_id", "t.dag_id"},
                                             {"dag_run_id", "t.run_id"},
                                             {"run_id", "t.run_id"},
                                             {"task_id", "t.task_id"},
                                             {"map_index", "t.map_index"},
                                             {"execution_date", "r.execution_date"},
                                             {"logical_date", "r.execution_date"},
                                             {"state", "t.state"},
                                             {"start_date", "t.start_date"},
                                             {"end_date", "t.end_date"},
                                             {"updated_at", "t.updated_at"},
                                             {"queued_when", "t.queued_dttm"},
                                             {"duration", "t.duration"},
                                             {"try_number", "t.try_number"},
                                             {"pool", "t.pool"},
                                             {"queue", "t.queue"},
                                             {"operator", "t.operator"},
                                             {"priority_weight", "t.priority_weight"},
                                             {"hostname", "t.hostname"}};
const std::vector<std::string_view> kTaskKey = {"t.dag_id", "t.run_id", "t.task_id", "t.map_index"};

std::optional<std::string> OptionalString(const Statement& row, int column) {
  return row.IsNull(column) ? std::nullopt : std::optional<std::string>(row.String(column));
}

// How many rows "FROM ..." has.
Result<int64_t> Count(sql::Database* database, const RowCondition& condition,
                      const std::string& from) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows,
                           condition.Prepare(database, "SELECT count(*)" + from + condition.sql()));
  BEEFLOW_RETURN_IF_ERROR(rows.Step());
  return rows.Integer(0);
}

Result<RunEntry> ReadRunEntry(const Statement& row) {
  RunEntry entry;
  BEEFLOW_ASSIGN_OR_RETURN(entry.record, sql::ReadRun(row));
  constexpr int kMore = 15;  // BEEFLOW_RUN_COLUMNS
  entry.last_scheduling_decision = row.OptionalTime(kMore);
  entry.note = OptionalString(row, kMore + 1);
  return entry;
}

Result<TaskEntry> ReadTaskEntry(const Statement& row) {
  TaskEntry entry;
  BEEFLOW_ASSIGN_OR_RETURN(entry.info, sql::ReadTaskInfo(row));
  constexpr int kMore = sql::kTaskInfoColumns;
  entry.logical_date = row.OptionalTime(kMore).value_or(Time{});
  entry.note = OptionalString(row, kMore + 1);
  if (!row.IsNull(kMore + 2)) {
    entry.trigger = {row.Integer(kMore + 2), row.String(kMore + 3), row.String(kMore + 4),
                     row.OptionalTime(kMore + 5)};
  }
  if (!row.IsNull(kMore + 6)) {
    entry.sla_miss = {row.Integer(kMore + 6) != 0, row.Integer(kMore + 7) != 0,
                      row.OptionalTime(kMore + 8), OptionalString(row, kMore + 9)};
  }
  return entry;
}

XComEntry ReadXComEntry(const Statement& row) {
  XComEntry entry;
  entry.run = {row.String(0), row.String(1)};
  entry.task_id = row.String(2);
  entry.map_index = static_cast<int>(row.Integer(3));
  entry.key = row.String(4);
  entry.logical_date = row.OptionalTime(5).value_or(Time{});
  entry.timestamp = row.OptionalTime(6);
  return entry;
}

template <typename T>
bool IsGiven(const ValueRange<T>& range) {
  return range.from || range.to;
}

void RestrictStates(const std::vector<TaskState>& states, RowCondition* condition) {
  if (states.empty()) return;
  std::vector<std::string> names;
  for (const TaskState state : states) names.emplace_back(ToString(state));
  const bool none = std::find(states.begin(), states.end(), TaskState::kNone) != states.end();
  condition->IsAnyOf(none ? "coalesce(t.state, '')" : "t.state", names);
}

// The states of the partial index of task instances that may hold a slot, word for word.
void UseActiveIndex(const std::vector<TaskState>& states, RowCondition* condition) {
  const bool active = !states.empty() && std::all_of(states.begin(), states.end(), [](TaskState s) {
    return MayHaveAttempt(s) || s == TaskState::kScheduled;
  });
  if (!active) return;
  condition->Add("t.state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred')");
}

// Where a list of task instances is read from. By way of the runs, where these are few and nothing
// else leads to their task instances, which are stored by DAG and run.
struct TaskSource {
  explicit TaskSource(const TaskQuery& query) {
    const bool dated = IsGiven(query.logical_date);
    const bool runs_first = query.run_ids ? !query.dag_ids : dated;
    const std::string key = runs_first ? "r" : "t";
    if (runs_first) {
      page =
          " FROM dag_run r CROSS JOIN task_instance t"
          " ON t.dag_id = r.dag_id AND t.run_id = r.run_id";
    } else {
      page = " FROM task_instance t" BEEFLOW_RUN_OF_TASK;
    }
    count = runs_first || dated ? page : " FROM task_instance t";
    condition.IsAnyOf(key + ".dag_id", query.dag_ids);
    condition.IsAnyOf(key + ".run_id", query.run_ids);
    condition.IsWithin("r.execution_date", query.logical_date);
    condition.IsAnyOf("t.task_id", query.task_ids);
    if (query.map_index) condition.Equals("t.map_index", *query.map_index);
    if (query.only_mapped) condition.Add("t.map_index >= 0");
    UseActiveIndex(query.states, &condition);
    RestrictStates(query.states, &condition);
    condition.IsAnyOf("t.pool", query.pools);
    condition.IsAnyOf("t.queue", query.queues);
    condition.IsWithin("t.start_date", query.start_date);
    condition.IsWithin("t.end_date", query.end_date);
    condition.IsWithin("t.updated_at", query.updated_at);
    condition.IsWithin("t.duration", query.duration);
  }

  std::string page, count;  // "FROM ..."
  RowCondition condition;
};

// The page is chosen by keys first, so that what belongs to a row is read for those on it alone.
std::string TaskPage(const TaskSource& source, const std::string& order, const Paging& paging) {
  return "WITH page AS (SELECT t.dag_id AS dag_id, t.run_id AS run_id, t.task_id AS task_id,"
         " t.map_index AS map_index" +
         source.page + source.condition.sql() + order + sql::LimitClause(paging) +
         ") " BEEFLOW_TASK_ENTRY
         " FROM page p CROSS JOIN task_instance t ON t.dag_id = p.dag_id AND t.run_id = p.run_id"
         " AND t.task_id = p.task_id AND t.map_index = p.map_index" BEEFLOW_RUN_OF_TASK
             BEEFLOW_TASK_ENTRY_JOINS +
         order;
}

}  // namespace

Result<Listing<RunEntry>> SqlHistory::Runs(const RunQuery& query) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::string order,
                           sql::OrderClause(query.paging.order_by, kRunOrder, {"r.id"}));
  RowCondition condition;
  condition.IsAnyOf("r.dag_id", query.dag_ids);
  if (!query.states.empty()) {
    std::vector<std::string> names;
    for (const RunState state : query.states) names.emplace_back(ToString(state));
    condition.IsAnyOf("r.state", names);
  }
  condition.IsWithin("r.execution_date", query.logical_date);
  condition.IsWithin("r.start_date", query.start_date);
  condition.IsWithin("r.end_date", query.end_date);
  condition.IsWithin("r.updated_at", query.updated_at);
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  Listing<RunEntry> list;
  BEEFLOW_ASSIGN_OR_RETURN(list.total, Count(database_.get(), condition, " FROM dag_run r"));
  const std::string sql = BEEFLOW_RUN_ENTRY " FROM dag_run r" BEEFLOW_RUN_NOTE + condition.sql() +
                          order + sql::LimitClause(query.paging);
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(condition.Prepare(database_.get(), sql), [&](const Statement& row) -> Status {
        BEEFLOW_ASSIGN_OR_RETURN(RunEntry entry, ReadRunEntry(row));
        list.entries.push_back(std::move(entry));
        return Ok();
      }));
  return list;
}

Result<RunEntry> SqlHistory::Run(const RunKey& run) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows,
                           database_->Query(sql::kRunEntry, run.dag_id, run.run_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return sql::NoRun(run);
  return ReadRunEntry(rows);
}

Result<Listing<TaskEntry>> SqlHistory::Tasks(const TaskQuery& query) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::string order,
                           sql::OrderClause(query.paging.order_by, kTaskOrder, kTaskKey));
  const TaskSource source(query);
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  Listing<TaskEntry> list;
  BEEFLOW_ASSIGN_OR_RETURN(list.total, Count(database_.get(), source.condition, source.count));
  const std::string sql = TaskPage(source, order, query.paging);
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(
      source.condition.Prepare(database_.get(), sql), [&](const Statement& row) -> Status {
        BEEFLOW_ASSIGN_OR_RETURN(TaskEntry entry, ReadTaskEntry(row));
        list.entries.push_back(std::move(entry));
        return Ok();
      }));
  return list;
}

Result<TaskEntry> SqlHistory::Task(const RunKey& run, const std::string& task_id, int map_index) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  BEEFLOW_RETURN_IF_ERROR(Run(run));
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kTaskEntry, run.dag_id, run.run_id,
                                                            task_id, map_index));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return sql::NoTask(run, task_id, map_index);
  return ReadTaskEntry(rows);
}

Result<std::vector<AttemptInfo>> SqlHistory::Attempts(const RunKey& run, const std::string& task_id,
                                                      int map_index) {
  std::vector<AttemptInfo> attempts;
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(database_->Query(sql::kAttemptsOfTask, run.dag_id, run.run_id, task_id, map_index),
                 [&](const Statement& row) {
                   attempts.push_back(sql::ReadAttempt(row));
                   return Ok();
                 }));
  return attempts;
}

Result<Listing<XComEntry>> SqlHistory::XComs(const XComQuery& query) {
  RowCondition condition;
  condition.IsAnyOf("x.dag_id", query.dag_ids);
  condition.IsAnyOf("x.run_id", query.run_ids);
  condition.IsAnyOf("x.task_id", query.task_ids);
  if (query.map_index) condition.Equals("x.map_index", *query.map_index);
  if (query.key) condition.Equals("x.key", *query.key);
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  Listing<XComEntry> list;
  BEEFLOW_ASSIGN_OR_RETURN(list.total, Count(database_.get(), condition, " FROM xcom x"));
  const std::string sql =
      "SELECT x.dag_id, x.run_id, x.task_id, x.map_index, x.key, r.execution_date, x.timestamp"
      " FROM xcom x CROSS JOIN dag_run r ON r.dag_id = x.dag_id AND r.run_id = x.run_id" +
      condition.sql() + " ORDER BY r.execution_date, x.dag_id, x.task_id, x.map_index, x.key" +
      sql::LimitClause(query.paging);
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(condition.Prepare(database_.get(), sql), [&](const Statement& row) {
        list.entries.push_back(ReadXComEntry(row));
        return Ok();
      }));
  return list;
}

Result<XComEntry> SqlHistory::XCom(const RunKey& run, const std::string& task_id, int map_index,
                                   const std::string& key) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kXComEntry, run.dag_id, run.run_id,
                                                            task_id, map_index, key));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) {
    const std::string index = map_index < 0 ? "" : " with map index " + std::to_string(map_index);
    return NotFound("DAG " + run.dag_id + ", run " + run.run_id + ", task " + task_id + index +
                    ": there is no XCom '" + key + "'");
  }
  XComEntry entry = ReadXComEntry(rows);
  constexpr int kValue = 7;
  entry.value = rows.IsNull(kValue) ? "null" : rows.String(kValue);
  return entry;
}

Result<std::vector<RunRecord>> SqlHistory::CreatedRuns(int64_t event_id) {
  std::vector<RunRecord> runs;
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(database_->Query(sql::kRunsOfDatasetEvent, event_id),
                                     [&](const Statement& row) -> Status {
                                       BEEFLOW_ASSIGN_OR_RETURN(RunRecord run, sql::ReadRun(row));
                                       runs.push_back(std::move(run));
                                       return Ok();
                                     }));
  return runs;
}

Result<std::vector<DatasetEventEntry>> SqlHistory::UpstreamDatasetEvents(const RunKey& run) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  BEEFLOW_RETURN_IF_ERROR(Run(run));
  std::vector<DatasetEventEntry> events;
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(database_->Query(sql::kUpstreamDatasetEvents, run.dag_id, run.run_id),
                 [&](const Statement& row) -> Status {
                   DatasetEventEntry event;
                   event.id = row.Integer(0);
                   event.dataset_id = row.Integer(1);
                   event.dataset_uri = row.String(2);
                   event.extra = row.String(3);
                   event.source_dag_id = OptionalString(row, 4);
                   event.source_run_id = OptionalString(row, 5);
                   event.source_task_id = OptionalString(row, 6);
                   if (!row.IsNull(7)) event.source_map_index = row.Integer(7);
                   event.timestamp = row.OptionalTime(8).value_or(Time{});
                   BEEFLOW_ASSIGN_OR_RETURN(event.created_runs, CreatedRuns(event.id));
                   events.push_back(std::move(event));
                   return Ok();
                 }));
  return events;
}

}  // namespace beeflow
