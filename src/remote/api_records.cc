#include "remote/api_records.h"

#include <cstdio>

namespace beeflow {
namespace {

constexpr int64_t kMost = INT32_MAX;

std::optional<DataInterval> Interval(JsonReader* in, const char* start, const char* end) {
  const auto first = in->OptionalTime(start);
  const auto last = in->OptionalTime(end);
  if (!first || !last) return std::nullopt;
  return DataInterval{*first, *last};
}

// As Python writes a timedelta: "1 day, 0:00:00".
std::string TimedeltaText(int64_t days, int64_t seconds) {
  char text[64];
  std::snprintf(text, sizeof text, "%d:%02d:%02d", static_cast<int>(seconds / 3600),
                static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  if (days == 0) return text;
  return std::to_string(days) + (days == 1 ? " day, " : " days, ") + text;
}

std::string Schedule(const Json& json) {
  if (!json.is_object()) return "None";
  JsonReader in(json, "schedule_interval");
  std::string value = in.String("value");
  if (!value.empty()) return value;
  return TimedeltaText(in.Integer("days", 0, 0, kMost), in.Integer("seconds", 0, 0, kMost));
}

}  // namespace

Result<DagInfo> DagFromApi(const Json& json) {
  JsonReader in(json, "a DAG of the server");
  DagInfo dag;
  dag.record.dag_id = in.String("dag_id");
  dag.display_name = in.String("dag_display_name", dag.record.dag_id);
  dag.record.file = in.String("fileloc");
  dag.record.is_paused = in.Boolean("is_paused", false);
  dag.record.is_active = in.Boolean("is_active", true);
  dag.record.next_logical_date = in.OptionalTime("next_dagrun");
  dag.record.next_interval =
      Interval(&in, "next_dagrun_data_interval_start", "next_dagrun_data_interval_end");
  dag.record.next_create_after = in.OptionalTime("next_dagrun_create_after");
  dag.description = in.String("description");
  dag.owners = in.Strings("owners");
  for (const Json& tag : in.Raw("tags")) dag.tags.push_back(tag.value("name", ""));
  dag.schedule = Schedule(in.Raw("schedule_interval"));
  dag.max_active_tasks = static_cast<int>(in.Integer("max_active_tasks", 16, 0, kMost));
  dag.max_active_runs = static_cast<int>(in.Integer("max_active_runs", 16, 0, kMost));
  dag.has_import_errors = in.Boolean("has_import_errors", false);
  dag.last_parsed = in.OptionalTime("last_parsed_time");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return dag;
}

Result<RunRecord> RunFromApi(const Json& json) {
  JsonReader in(json, "a run of the server");
  RunRecord run;
  run.key = {in.String("dag_id"), in.String("dag_run_id")};
  const auto state = ParseRunState(in.String("state"));
  const auto type = ParseRunType(in.String("run_type"));
  const auto logical_date = in.OptionalTime("logical_date");
  if (!state) in.Fail("state '" + in.String("state") + "' is none of a run");
  if (!logical_date) in.Fail("logical_date is missing");
  run.interval = Interval(&in, "data_interval_start", "data_interval_end");
  run.start_date = in.OptionalTime("start_date");
  run.end_date = in.OptionalTime("end_date");
  run.external_trigger = in.Boolean("external_trigger", false);
  if (in.Raw("conf").is_object()) run.conf = DumpJson(in.Raw("conf"));
  BEEFLOW_RETURN_IF_ERROR(in.status());
  run.state = *state;
  run.type = type.value_or(RunType::kManual);
  run.logical_date = *logical_date;
  return run;
}

Result<BackfillInfo> BackfillFromApi(const Json& json) {
  JsonReader in(json, "a backfill of the server");
  BackfillInfo info;
  info.id = in.Integer("id", 0, 0, INT64_MAX);
  info.order.dag_id = in.String("dag_id");
  info.order.from = in.OptionalTime("from_date").value_or(Time{});
  info.order.to = in.OptionalTime("to_date").value_or(Time{});
  if (in.Raw("dag_run_conf").is_object()) info.order.conf = DumpJson(in.Raw("dag_run_conf"));
  const auto reprocess = ParseReprocess(in.String("reprocess_behavior"));
  info.order.reprocess = reprocess.value_or(Reprocess::kNone);
  info.order.max_active_runs = static_cast<int>(in.Integer("max_active_runs", 10, 1, kMost));
  info.is_paused = in.Boolean("is_paused", false);
  info.created_at = in.OptionalTime("created_at").value_or(Time{});
  info.updated_at = in.OptionalTime("updated_at").value_or(Time{});
  info.completed_at = in.OptionalTime("completed_at");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return info;
}

Result<TaskInfo> TaskFromApi(const Json& json) {
  JsonReader in(json, "a task instance of the server");
  TaskInfo task;
  task.record.run = {in.String("dag_id"), in.String("dag_run_id")};
  task.record.task_id = in.String("task_id");
  task.record.map_index = static_cast<int>(in.Integer("map_index", -1, -1, kMost));
  const auto state = ParseTaskState(in.String("state"));
  if (!state) in.Fail("state '" + in.String("state") + "' is none of a task instance");
  task.record.try_number = static_cast<int>(in.Integer("try_number", 0, 0, kMost));
  task.record.max_tries = static_cast<int>(in.Integer("max_tries", 0, 0, kMost));
  task.record.start_date = in.OptionalTime("start_date");
  task.record.end_date = in.OptionalTime("end_date");
  if (in.Raw("duration").is_number()) task.duration = in.Raw("duration").get<double>();
  task.operator_name = in.String("operator");
  task.pool = in.String("pool");
  task.pool_slots = static_cast<int>(in.Integer("pool_slots", 1, 0, kMost));
  task.queue = in.String("queue");
  task.priority_weight = in.Integer("priority_weight", 1, INT64_MIN, INT64_MAX);
  task.hostname = in.String("hostname");
  task.unixname = in.String("unixname");
  task.rendered_map_index = in.String("rendered_map_index");
  task.pid = in.Integer("pid", 0, 0, INT64_MAX);
  task.queued_at = in.OptionalTime("queued_when");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  task.record.state = *state;
  return task;
}

Result<PoolInfo> PoolFromApi(const Json& json) {
  JsonReader in(json, "a pool of the server");
  PoolInfo pool;
  pool.record = {in.String("name"), static_cast<int>(in.Integer("slots", 0, -1, kMost))};
  pool.description = in.String("description");
  pool.include_deferred = in.Boolean("include_deferred", false);
  pool.running_slots = in.Integer("running_slots", 0, 0, kMost);
  pool.queued_slots = in.Integer("queued_slots", 0, 0, kMost);
  pool.scheduled_slots = in.Integer("scheduled_slots", 0, 0, kMost);
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return pool;
}

Result<ImportErrorInfo> ImportErrorFromApi(const Json& json) {
  JsonReader in(json, "an import error of the server");
  ImportErrorInfo error;
  error.id = in.Integer("import_error_id", 0, 0, INT64_MAX);
  error.file = in.String("filename");
  error.stacktrace = in.String("stack_trace");
  error.timestamp = in.OptionalTime("timestamp").value_or(Time{});
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return error;
}

Result<AuditEntry> AuditEntryFromApi(const Json& json) {
  JsonReader in(json, "an entry of the server's audit log");
  AuditEntry entry;
  entry.id = in.Integer("event_log_id", 0, 0, INT64_MAX);
  entry.when = in.OptionalTime("when").value_or(Time{});
  entry.dag_id = in.String("dag_id");
  entry.task_id = in.String("task_id");
  entry.run_id = in.String("run_id");
  entry.event = in.String("event");
  entry.owner = in.String("owner");
  entry.extra = in.String("extra");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return entry;
}

Result<StoredVariable> VariableFromApi(const Json& json) {
  JsonReader in(json, "a Variable of the server");
  StoredVariable variable;
  variable.key = in.String("key");
  variable.value = in.String("value");
  variable.description = in.OptionalString("description");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return variable;
}

Result<StoredConnection> ConnectionFromApi(const Json& json) {
  JsonReader in(json, "a connection of the server");
  StoredConnection connection;
  connection.conn_id = in.String("connection_id");
  connection.conn_type = in.String("conn_type");
  connection.description = in.OptionalString("description");
  connection.host = in.OptionalString("host");
  connection.schema = in.OptionalString("schema");
  connection.login = in.OptionalString("login");
  if (const auto port = in.OptionalInteger("port", 0, 65535)) {
    connection.port = static_cast<int>(*port);
  }
  connection.extra = in.OptionalString("extra");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return connection;
}

}  // namespace beeflow
