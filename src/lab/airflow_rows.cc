#include "lab/airflow_rows.h"

#include <map>
#include <utility>

namespace beeflow {
namespace {

using Row = ExportSource::Row;
using Cell = std::optional<std::string>;

Row Names(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

const Row& DagRunHeader() {
  static const Row kHeader =
      Names({"dag_id", "run_id", "execution_date", "queued_at", "start_date", "end_date", "state",
             "_state", "run_type", "external_trigger", "conf", "data_interval_start",
             "data_interval_end", "last_scheduling_decision"});
  return kHeader;
}

const Row& TaskInstanceHeader() {
  static const Row kHeader =
      Names({"task_id",   "dag_id",          "run_id",   "map_index",   "start_date",
             "end_date",  "duration",        "state",    "try_number",  "_try_number",
             "max_tries", "hostname",        "unixname", "pool",        "pool_slots",
             "queue",     "priority_weight", "operator", "queued_dttm", "pid"});
  return kHeader;
}

const Row& TaskFailHeader() {
  static const Row kHeader =
      Names({"task_id", "dag_id", "run_id", "map_index", "start_date", "end_date", "duration"});
  return kHeader;
}

// As our own engine exports it; Airflow has no such table, so that there are no rows.
const Row& AttemptHeader() {
  static const Row kHeader = Names(
      {"dag_id", "run_id", "task_id", "map_index", "try_number", "attempt_id", "state",
       "start_type", "start_date", "end_date", "queue_seconds", "start_seconds", "memory_bytes",
       "cpu_seconds", "environment", "hostname", "exit_code", "exit_signal", "reason"});
  return kHeader;
}

const Row& DagTaskHeader() {
  static const Row kHeader =
      Names({"dag_id", "task_id", "operator", "queue", "pool", "upstream_task_ids"});
  return kHeader;
}

const Json& Member(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto it = object.find(key);
  return it == object.end() ? kNull : *it;
}

// Text as it is, booleans in Python's words, all else as JSON.
Cell CellOf(const Json& object, const char* key) {
  const Json& value = Member(object, key);
  if (value.is_null()) return std::nullopt;
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  return value.is_string() ? value.get<std::string>() : DumpJson(value);
}

std::string TextOf(const Json& object, const char* key) { return CellOf(object, key).value_or(""); }

std::optional<Time> TimeOf(const Json& object, const char* key) {
  const auto time = ParseTime(TextOf(object, key));
  return time.ok() ? std::optional(*time) : std::nullopt;
}

Cell TimeCellOf(const Json& object, const char* key) {
  const auto time = TimeOf(object, key);
  return time ? Cell(FormatSqlWithZone(*time)) : std::nullopt;
}

const char* LogicalDateKey(const Json& run) {
  return Member(run, "logical_date").is_null() ? "execution_date" : "logical_date";
}

Cell DurationCell(const Json& instance) {
  const auto start = TimeOf(instance, "start_date");
  const auto end = TimeOf(instance, "end_date");
  // Airflow leaves the duration out of some tries.
  if (Member(instance, "duration").is_null() && start && end) {
    return DumpJson(ToSeconds(*end - *start));
  }
  return CellOf(instance, "duration");
}

Cell MapIndexCell(const Json& instance) {
  const Cell index = CellOf(instance, "map_index");
  return index ? index : "-1";
}

// "_PythonDecoratedOperator" of {"class_ref": {"class_name": ...}}.
std::string OperatorOf(const Json& task) {
  const std::string name = TextOf(Member(task, "class_ref"), "class_name");
  return name.empty() ? TextOf(task, "operator_name") : name;
}

}  // namespace

Result<Row> AirflowHeader(const std::string& table) {
  if (table == "dagrun") return DagRunHeader();
  if (table == "taskinstance") return TaskInstanceHeader();
  if (table == "taskfail") return TaskFailHeader();
  if (table == "attempt") return AttemptHeader();
  if (table == "dagtask") return DagTaskHeader();
  return Invalid("table '" + table + "' cannot be exported");
}

Result<RunRecord> ReadAirflowRun(const Json& run) {
  RunRecord record;
  record.key = {TextOf(run, "dag_id"), TextOf(run, "dag_run_id")};
  if (record.key.dag_id.empty() || record.key.run_id.empty()) {
    return Invalid("a DAG run without dag_id or dag_run_id: " + DumpJson(run).substr(0, 200));
  }
  record.state = ParseRunState(TextOf(run, "state")).value_or(RunState::kRunning);
  record.type = ParseRunType(TextOf(run, "run_type")).value_or(RunType::kManual);
  record.logical_date = TimeOf(run, LogicalDateKey(run)).value_or(Time{});
  record.start_date = TimeOf(run, "start_date");
  record.end_date = TimeOf(run, "end_date");
  record.external_trigger = TextOf(run, "external_trigger") == "True";
  return record;
}

Row DagRunRow(const Json& run) {
  const Cell state = CellOf(run, "state");
  return {CellOf(run, "dag_id"),
          CellOf(run, "dag_run_id"),
          TimeCellOf(run, LogicalDateKey(run)),
          TimeCellOf(run, "queued_at"),
          TimeCellOf(run, "start_date"),
          TimeCellOf(run, "end_date"),
          state,
          state,
          CellOf(run, "run_type"),
          CellOf(run, "external_trigger"),
          CellOf(run, "conf"),
          TimeCellOf(run, "data_interval_start"),
          TimeCellOf(run, "data_interval_end"),
          TimeCellOf(run, "last_scheduling_decision")};
}

Row TaskInstanceRow(const Json& instance, const std::string& run_id) {
  const Cell number = CellOf(instance, "try_number");
  return {CellOf(instance, "task_id"),
          CellOf(instance, "dag_id"),
          run_id,
          MapIndexCell(instance),
          TimeCellOf(instance, "start_date"),
          TimeCellOf(instance, "end_date"),
          DurationCell(instance),
          CellOf(instance, "state"),
          number,
          number,
          CellOf(instance, "max_tries"),
          CellOf(instance, "hostname"),
          CellOf(instance, "unixname"),
          CellOf(instance, "pool"),
          CellOf(instance, "pool_slots"),
          CellOf(instance, "queue"),
          CellOf(instance, "priority_weight"),
          CellOf(instance, "operator"),
          TimeCellOf(instance, "queued_when"),
          CellOf(instance, "pid")};
}

Row TaskFailRow(const Json& attempt, const std::string& run_id) {
  return {CellOf(attempt, "task_id"),
          CellOf(attempt, "dag_id"),
          run_id,
          MapIndexCell(attempt),
          TimeCellOf(attempt, "start_date"),
          TimeCellOf(attempt, "end_date"),
          DurationCell(attempt)};
}

std::vector<Row> DagTaskRows(const std::string& dag_id, const Json& tasks) {
  std::map<std::string, std::string> upstream;
  for (const Json& task : tasks) {
    for (const Json& downstream : Member(task, "downstream_task_ids")) {
      if (!downstream.is_string()) continue;
      std::string& ids = upstream[downstream.get<std::string>()];
      ids += (ids.empty() ? "" : " ") + TextOf(task, "task_id");
    }
  }
  std::vector<Row> rows;
  for (const Json& task : tasks) {
    const std::string task_id = TextOf(task, "task_id");
    rows.push_back({dag_id, task_id, OperatorOf(task), CellOf(task, "queue"), CellOf(task, "pool"),
                    upstream[task_id]});
  }
  return rows;
}

}  // namespace beeflow
