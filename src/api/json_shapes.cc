#include "api/json_shapes.h"

#include <algorithm>
#include <cstdio>

namespace beeflow {
namespace {

// "1 day, 0:00:30" or "0:05:00", as Python writes a timedelta, back to numbers.
std::optional<Json> TimeDelta(const std::string& text) {
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
  return Json{{"__type", "TimeDelta"},
              {"days", days},
              {"seconds", hours * 3600 + minutes * 60 + seconds},
              {"microseconds", 0}};
}

Json Schedule(const std::string& schedule) {
  if (schedule.empty() || schedule == "None") return nullptr;
  if (auto delta = TimeDelta(schedule)) return *delta;
  return {{"__type", "CronExpression"}, {"value", schedule}};
}

Json OrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::optional<Time> Start(const std::optional<DataInterval>& interval) {
  return interval ? std::optional<Time>(interval->start) : std::nullopt;
}

std::optional<Time> End(const std::optional<DataInterval>& interval) {
  return interval ? std::optional<Time>(interval->end) : std::nullopt;
}

}  // namespace

Json ToJson(const std::optional<Time>& time) {
  return time ? Json(FormatIso(*time)) : Json(nullptr);
}

Json Collection(const char* name, Json list, int64_t total) {
  return {{name, std::move(list)}, {"total_entries", total}};
}

Json ToJson(const DagInfo& dag) {
  const DagRecord& record = dag.record;
  Json tags = Json::array();
  for (const std::string& tag : dag.tags) tags.push_back({{"name", tag}});
  return {{"dag_id", record.dag_id},
          {"dag_display_name", record.dag_id},
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
          {"has_task_concurrency_limits", false},
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

Json ToJson(const TaskInfo& task, const RunRecord& run) {
  const TaskRecord& record = task.record;
  return {{"task_id", record.task_id},
          {"task_display_name", record.task_id},
          {"dag_id", record.run.dag_id},
          {"dag_run_id", record.run.run_id},
          {"execution_date", FormatIso(run.logical_date)},
          {"start_date", ToJson(record.start_date)},
          {"end_date", ToJson(record.end_date)},
          {"duration", task.duration ? Json(*task.duration) : Json(nullptr)},
          {"state", OrNull(std::string(ToString(record.state)))},
          {"try_number", record.try_number},
          {"max_tries", record.max_tries},
          {"map_index", record.map_index},
          {"hostname", task.hostname},
          {"unixname", task.unixname},
          {"pool", task.pool},
          {"pool_slots", task.pool_slots},
          {"queue", OrNull(task.queue)},
          {"priority_weight", task.priority_weight},
          {"operator", OrNull(task.operator_name)},
          {"queued_when", ToJson(task.queued_at)},
          {"pid", task.pid != 0 ? Json(task.pid) : Json(nullptr)},
          {"executor_config", "{}"},
          {"note", nullptr},
          {"rendered_map_index", nullptr},
          {"rendered_fields", Json::object()},
          {"sla_miss", nullptr},
          {"trigger", nullptr},
          {"triggerer_job", nullptr}};
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
