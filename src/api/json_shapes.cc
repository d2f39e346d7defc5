#include "api/json_shapes.h"

#include <algorithm>
#include <cstdio>

namespace beeflow {
namespace {

// "1 day, 0:00:30" or "0:05:00", as Python writes a timedelta, back to numbers.
std::optional<Json> ReadTimeDelta(const std::string& text) {
  int days = 0;
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  int end = 0;
  const char* clock = text.c_str();
  if (std::sscanf(clock, "%d day%*[s,] %n", &days, &end) == 1 && end > 0) {
    clock += end;
  } else {
    days = 0;  // the number was that of the hours
  }
  end = 0;
  if (std::sscanf(clock, "%d:%2d:%2d%n", &hours, &minutes, &seconds, &end) != 3 || end == 0 ||
      clock[end] != '\0') {
    return std::nullopt;
  }
  return TimeDelta(std::chrono::hours(24 * days + hours) + std::chrono::minutes(minutes) +
                   std::chrono::seconds(seconds));
}

Json Schedule(const std::string& schedule) {
  if (schedule.empty() || schedule == "None") return nullptr;
  if (auto delta = ReadTimeDelta(schedule)) return *delta;
  return {{"__type", "CronExpression"}, {"value", schedule}};
}

Json OrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::optional<Time> Start(const std::optional<DataInterval>& interval) {
  return interval ? std::optional<Time>(interval->start) : std::nullopt;
}

std::optional<Time> End(const std::optional<DataInterval>& interval) {
  return interval ? std::optional<Time>(interval->end) : std::nullopt;
}

Json SlaMiss(const TaskEntry& task) {
  if (!task.sla_miss) return nullptr;
  const SlaMissEntry& miss = *task.sla_miss;
  return {{"task_id", task.info.record.task_id},
          {"dag_id", task.info.record.run.dag_id},
          {"execution_date", FormatIso(task.logical_date)},
          {"email_sent", miss.email_sent},
          {"timestamp", ToJson(miss.timestamp)},
          {"description", TextOrNull(miss.description)},
          {"notification_sent", miss.notification_sent}};
}

Json Trigger(const std::optional<TriggerEntry>& trigger) {
  if (!trigger) return nullptr;
  return {{"id", trigger->id},
          {"classpath", trigger->classpath},
          {"kwargs", trigger->kwargs},
          {"created_date", ToJson(trigger->created_date)},
          {"triggerer_id", nullptr}};
}

}  // namespace

Json ToJson(const std::optional<Time>& time) {
  return time ? Json(FormatIso(*time)) : Json(nullptr);
}

Json TimeDelta(Duration span) {
  const auto days = std::chrono::floor<std::chrono::days>(span);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(span - days);
  return {{"__type", "TimeDelta"},
          {"days", days.count()},
          {"seconds", seconds.count()},
          {"microseconds", (span - days - seconds).count()}};
}

Json TextOrNull(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

Json Collection(const char* name, Json list, int64_t total) {
  return {{name, std::move(list)}, {"total_entries", total}};
}

Json ToJson(const DagInfo& dag) {
  const DagRecord& record = dag.record;
  Json tags = Json::array();
  for (const std::string& tag : dag.tags) tags.push_back({{"name", tag}});
  return {{"dag_id", record.dag_id},
          {"dag_display_name", dag.display_name},
          {"root_dag_id", nullptr},
          {"is_paused", record.is_paused},
          {"is_active", record.is_active},
          {"is_subdag", false},
          {"last_parsed_time", ToJson(dag.last_parsed)},
          {"last_pickled", nullptr},
          {"last_expired", nullptr},
          {"scheduler_lock", nullptr},
          {"pickle_id", nullptr},
          {"default_view", "grid"},
          {"fileloc", record.file},
          {"file_token", record.dag_id},
          {"owners", dag.owners},
          {"description", OrNull(dag.description)},
          {"schedule_interval", Schedule(dag.schedule)},
          {"timetable_description", OrNull(dag.schedule)},
          {"tags", tags},
          {"max_active_tasks", dag.max_active_tasks},
          {"max_active_runs", dag.max_active_runs},
          {"max_consecutive_failed_dag_runs", 0},
          {"has_task_concurrency_limits", dag.has_task_concurrency_limits},
          {"has_import_errors", dag.has_import_errors},
          {"next_dagrun", ToJson(record.next_logical_date)},
          {"next_dagrun_data_interval_start", ToJson(Start(record.next_interval))},
          {"next_dagrun_data_interval_end", ToJson(End(record.next_interval))},
          {"next_dagrun_create_after", ToJson(record.next_create_after)}};
}

Json ToJson(const RunRecord& run) {
  const auto conf = ParseJson(run.conf);  // edited by hand, it may be anything
  return {{"conf", conf.ok() && conf->is_object() ? *conf : Json::object()},
          {"dag_id", run.key.dag_id},
          {"dag_run_id", run.key.run_id},
          {"data_interval_start", ToJson(Start(run.interval))},
          {"data_interval_end", ToJson(End(run.interval))},
          {"end_date", ToJson(run.end_date)},
          {"execution_date", FormatIso(run.logical_date)},
          {"external_trigger", run.external_trigger},
          {"last_scheduling_decision", nullptr},
          {"logical_date", FormatIso(run.logical_date)},
          {"note", nullptr},
          {"run_type", ToString(run.type)},
          {"start_date", ToJson(run.start_date)},
          {"state", ToString(run.state)}};
}

Json ToJson(const RunEntry& run) {
  Json json = ToJson(run.record);
  json["note"] = TextOrNull(run.note);
  json["last_scheduling_decision"] = ToJson(run.last_scheduling_decision);
  return json;
}

Json ToJson(const TaskEntry& task) {
  const TaskInfo& info = task.info;
  const TaskRecord& record = info.record;
  return {{"task_id", record.task_id},
          {"task_display_name", record.task_id},
          {"dag_id", record.run.dag_id},
          {"dag_run_id", record.run.run_id},
          {"execution_date", FormatIso(task.logical_date)},
          {"start_date", ToJson(record.start_date)},
          {"end_date", ToJson(record.end_date)},
          {"duration", info.duration ? Json(*info.duration) : Json(nullptr)},
          {"state", OrNull(std::string(ToString(record.state)))},
          {"try_number", record.try_number},
          {"max_tries", record.max_tries},
          {"map_index", record.map_index},
          {"hostname", info.hostname},
          {"unixname", info.unixname},
          {"pool", info.pool},
          {"pool_slots", info.pool_slots},
          {"queue", OrNull(info.queue)},
          {"priority_weight", info.priority_weight},
          {"operator", OrNull(info.operator_name)},
          {"queued_when", ToJson(info.queued_at)},
          {"pid", info.pid != 0 ? Json(info.pid) : Json(nullptr)},
          {"executor", nullptr},
          {"executor_config", "{}"},
          {"note", TextOrNull(task.note)},
          {"rendered_map_index", OrNull(info.rendered_map_index)},
          {"rendered_fields", Json::object()},
          {"sla_miss", SlaMiss(task)},
          {"trigger", Trigger(task.trigger)},
          {"triggerer_job", nullptr}};
}

Json ToJson(const DatasetEventEntry& event) {
  const auto extra = ParseJson(event.extra);  // edited by hand, it may be anything
  Json runs = Json::array();
  for (const RunRecord& run : event.created_runs) {
    runs.push_back({{"run_id", run.key.run_id},
                    {"dag_id", run.key.dag_id},
                    {"logical_date", FormatIso(run.logical_date)},
                    {"start_date", ToJson(run.start_date)},
                    {"end_date", ToJson(run.end_date)},
                    {"data_interval_start", ToJson(Start(run.interval))},
                    {"data_interval_end", ToJson(End(run.interval))},
                    {"state", ToString(run.state)}});
  }
  return {{"id", event.id},
          {"dataset_id", event.dataset_id},
          {"dataset_uri", event.dataset_uri},
          {"extra", extra.ok() && extra->is_object() ? *extra : Json::object()},
          {"source_dag_id", TextOrNull(event.source_dag_id)},
          {"source_run_id", TextOrNull(event.source_run_id)},
          {"source_task_id", TextOrNull(event.source_task_id)},
          {"source_map_index", event.source_map_index ? Json(*event.source_map_index) : Json(-1)},
          {"timestamp", FormatIso(event.timestamp)},
          {"created_dagruns", std::move(runs)}};
}

Json TaskReference(const TaskRecord& task, Time logical_date) {
  return {{"task_id", task.task_id},
          {"dag_id", task.run.dag_id},
          {"dag_run_id", task.run.run_id},
          {"execution_date", FormatIso(logical_date)}};
}

Json ToJson(const PoolInfo& pool) {
  const int64_t occupied = pool.running_slots + pool.queued_slots;
  const int64_t slots = pool.record.slots;
  return {{"name", pool.record.name},
          {"slots", slots},
          {"occupied_slots", occupied},
          {"running_slots", pool.running_slots},
          {"queued_slots", pool.queued_slots},
          {"scheduled_slots", pool.scheduled_slots},
          {"deferred_slots", 0},
          // JSON has no infinity: an unlimited pool has -1, as in its slots.
          {"open_slots", slots < 0 ? int64_t{-1} : std::max<int64_t>(0, slots - occupied)},
          {"description", OrNull(pool.description)},
          {"include_deferred", pool.include_deferred}};
}

Json ToJson(const ImportErrorInfo& error) {
  return {{"import_error_id", error.id},
          {"timestamp", FormatIso(error.timestamp)},
          {"filename", error.file},
          {"stack_trace", error.stacktrace}};
}

}  // namespace beeflow
