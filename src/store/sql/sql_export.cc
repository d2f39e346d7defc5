#include "store/sql/sql_export.h"

#include <string_view>
#include <utility>


namespace beeflow {
namespace {

// The cells are made by the query: times get their zone, booleans Python's words. Readers of
// Airflow's exports look for the state under `_state` and the try under `_try_number`.
constexpr std::string_view kDagRuns =
    "SELECT id, dag_id, queued_at || '+00:00' AS queued_at,"
    " execution_date || '+00:00' AS execution_date, start_date || '+00:00' AS start_date,"
    " end_date || '+00:00' AS end_date, state, state AS _state, run_id, creating_job_id,"
    " CASE external_trigger WHEN 0 THEN 'False' ELSE 'True' END AS external_trigger, run_type,"
    " conf, data_interval_start || '+00:00' AS data_interval_start,"
    " data_interval_end || '+00:00' AS data_interval_end,"
    " last_scheduling_decision || '+00:00' AS last_scheduling_decision, dag_hash,"
    " log_template_id, updated_at || '+00:00' AS updated_at FROM dag_run ORDER BY id";
constexpr std::string_view kTaskInstances =
    "SELECT task_id, dag_id, run_id, map_index, start_date || '+00:00' AS start_date,"
    " end_date || '+00:00' AS end_date, duration, state, try_number, try_number AS _try_number,"
    " max_tries, hostname, unixname, job_id, pool, pool_slots, queue, priority_weight, operator,"
    " queued_dttm || '+00:00' AS queued_dttm, queued_by_job_id, pid, executor_config,"
    " updated_at || '+00:00' AS updated_at, external_executor_id, trigger_id,"
    " trigger_timeout || '+00:00' AS trigger_timeout, next_method, next_kwargs"
    " FROM task_instance ORDER BY dag_id, run_id, task_id, map_index";
constexpr std::string_view kTaskFails =
    "SELECT id, task_id, dag_id, run_id, map_index, start_date || '+00:00' AS start_date,"
    " end_date || '+00:00' AS end_date, duration FROM task_fail ORDER BY id";

constexpr std::string_view kAttempts =
    "SELECT dag_id, run_id, task_id, map_index, try_number, attempt_id, state, start_type,"
    " start_date || '+00:00' AS start_date, end_date || '+00:00' AS end_date, queue_seconds,"
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

std::string_view QueryFor(const std::string& table) {
  if (table == "dagrun") return kDagRuns;
  if (table == "taskinstance") return kTaskInstances;
  if (table == "taskfail") return kTaskFails;
  if (table == "attempt") return kAttempts;
  if (table == "dagtask") return kDagTasks;
  return {};
}

}  // namespace

Status SqlExport::Export(const std::string& table,
                            const std::function<Status(const Row&)>& visit) {
  const std::string_view sql = QueryFor(table);
  if (sql.empty()) {
    return Invalid(
        "table '" + table +
        "' cannot be exported; choose dagrun, taskinstance, taskfail, attempt or dagtask");
  }
  BEEFLOW_ASSIGN_OR_RETURN(sql::Statement rows, database_->Query(sql));
  Row cells;
  for (int i = 0; i < rows.columns(); ++i) cells.emplace_back(rows.ColumnName(i));
  BEEFLOW_RETURN_IF_ERROR(visit(cells));
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return Ok();
    for (int i = 0; i < rows.columns(); ++i) {
      const auto column = static_cast<size_t>(i);
      cells[column] = rows.IsNull(i) ? std::nullopt : std::optional<std::string>(rows.String(i));
    }
    BEEFLOW_RETURN_IF_ERROR(visit(cells));
  }
}

}  // namespace beeflow
