#include "store/sql/sql_export.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace beeflow {
namespace {

// Booleans are written in Python's words. Readers of
// Airflow's exports look for the state under `_state` and the try under `_try_number`.
constexpr std::string_view kDagRuns =
    "SELECT id, dag_id, queued_at,"
    " execution_date, start_date,"
    " end_date, state, state AS _state, run_id, creating_job_id,"
    " CASE WHEN external_trigger THEN 'True' ELSE 'False' END AS external_trigger, run_type,"
    " conf, data_interval_start,"
    " data_interval_end,"
    " last_scheduling_decision, dag_hash,"
    " log_template_id, updated_at FROM dag_run ORDER BY id";
constexpr std::string_view kTaskInstances =
    "SELECT task_id, dag_id, run_id, map_index, start_date,"
    " end_date, duration, state, try_number, try_number AS _try_number,"
    " max_tries, hostname, unixname, job_id, pool, pool_slots, queue, priority_weight, operator,"
    " queued_dttm, queued_by_job_id, pid, executor_config,"
    " updated_at, external_executor_id, trigger_id,"
    " trigger_timeout, next_method, next_kwargs"
    " FROM task_instance ORDER BY dag_id, run_id, task_id, map_index";
constexpr std::string_view kTaskFails =
    "SELECT id, task_id, dag_id, run_id, map_index, start_date,"
    " end_date, duration FROM task_fail ORDER BY id";

constexpr std::string_view kAttempts =
    "SELECT dag_id, run_id, task_id, map_index, try_number, attempt_id, state, start_type,"
    " start_date, end_date, queue_seconds,"
    " start_seconds, memory_bytes, cpu_seconds, environment, hostname, exit_code, exit_signal,"
    " reason FROM attempt ORDER BY dag_id, run_id, task_id, map_index, try_number, end_date";

// The tasks of the newest version of each DAG; defaults as in docs/formats/serialized-dag.md.
constexpr std::string_view kDagTasks =
    "WITH edge AS MATERIALIZED (SELECT s.dag_id, d.value AS task_id,"
    " group_concat(json_extract(t.value, '$.task_id'), ' ') AS upstream"
    " FROM serialized_dag s, json_each(s.data, '$.tasks') t, json_each(t.value, '$.downstream') d"
    " WHERE s.is_latest GROUP BY s.dag_id, d.value)"
    " SELECT s.dag_id, json_extract(t.value, '$.task_id') AS task_id,"
    " coalesce(json_extract(t.value, '$.operator'), 'BaseOperator') AS operator,"
    " coalesce(json_extract(t.value, '$.queue'), 'default') AS queue,"
    " coalesce(json_extract(t.value, '$.pool'), 'default_pool') AS pool,"
    " edge.upstream AS upstream_task_ids"
    " FROM serialized_dag s, json_each(s.data, '$.tasks') t LEFT JOIN edge"
    " ON edge.dag_id = s.dag_id AND edge.task_id = json_extract(t.value, '$.task_id')"
    " WHERE s.is_latest ORDER BY s.dag_id, t.key";

// Columns of times, which get their zone.
bool IsTime(std::string_view column) {
  constexpr std::array<std::string_view, 10> kTimes = {"queued_at",
                                                       "execution_date",
                                                       "start_date",
                                                       "end_date",
                                                       "data_interval_start",
                                                       "data_interval_end",
                                                       "last_scheduling_decision",
                                                       "updated_at",
                                                       "queued_dttm",
                                                       "trigger_timeout"};
  return std::find(kTimes.begin(), kTimes.end(), column) != kTimes.end();
}

std::string_view QueryFor(const std::string& table) {
  if (table == "dagrun") return kDagRuns;
  if (table == "taskinstance") return kTaskInstances;
  if (table == "taskfail") return kTaskFails;
  if (table == "attempt") return kAttempts;
  if (table == "dagtask") return kDagTasks;
  return {};
}

}  // namespace

Status SqlExport::Export(const std::string& table, const std::function<Status(const Row&)>& visit) {
  const std::string_view sql = QueryFor(table);
  if (sql.empty()) {
    return Invalid(
        "table '" + table +
        "' cannot be exported; choose dagrun, taskinstance, taskfail, attempt or dagtask");
  }
  BEEFLOW_ASSIGN_OR_RETURN(sql::Statement rows, database_->Query(sql));
  Row cells;
  for (int i = 0; i < rows.columns(); ++i) cells.emplace_back(rows.ColumnName(i));
  std::vector<bool> is_time;
  for (const auto& name : cells) is_time.push_back(IsTime(*name));
  BEEFLOW_RETURN_IF_ERROR(visit(cells));
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return Ok();
    for (int i = 0; i < rows.columns(); ++i) {
      const auto column = static_cast<size_t>(i);
      cells[column] = rows.IsNull(i) ? std::nullopt : std::optional<std::string>(rows.String(i));
      if (cells[column] && is_time[column]) *cells[column] += "+00:00";
    }
    BEEFLOW_RETURN_IF_ERROR(visit(cells));
  }
}

}  // namespace beeflow
