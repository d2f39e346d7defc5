#include "api/v2_shapes.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace beeflow {
namespace {

constexpr const char* kBundle = "dags-folder";  // Airflow's name for the folder of DAG files

void Rename(Json* object, const char* from, const char* to) {
  const auto it = object->find(from);
  if (it == object->end()) return;
  Json value = std::move(*it);
  object->erase(it);
  (*object)[to] = std::move(value);
}

void Drop(Json* object, std::initializer_list<const char*> names) {
  for (const char* name : names) object->erase(name);
}

std::optional<Time> TimeOf(const Json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end() || !it->is_string()) return std::nullopt;
  const auto time = ParseTime(it->get<std::string>());
  return time.ok() ? std::optional<Time>(*time) : std::nullopt;
}

Json SecondsOf(const Json& object) {
  const auto start = TimeOf(object, "start_date");
  const auto end = TimeOf(object, "end_date");
  return start && end ? Json(ToSeconds(*end - *start)) : Json(nullptr);
}

// {"days": 1, "seconds": 5400} as ISO 8601 has it: "P1DT1H30M"
Json IsoDuration(const Json& delta) {
  if (!delta.is_object()) return nullptr;
  const auto days = delta.value("days", int64_t{0});
  const auto seconds = delta.value("seconds", int64_t{0});
  const auto microseconds = delta.value("microseconds", int64_t{0});
  std::string text = "P" + (days != 0 ? std::to_string(days) + "D" : "");
  text += "T";
  if (seconds >= 3600) text += std::to_string(seconds / 3600) + "H";
  if (seconds % 3600 >= 60) text += std::to_string(seconds % 3600 / 60) + "M";
  if (microseconds != 0) {
    const std::string fraction = std::to_string(1'000'000 + microseconds).substr(1);
    text += std::to_string(seconds % 60) + "." + fraction + "S";
  } else if (seconds % 60 != 0) {
    text += std::to_string(seconds % 60) + "S";
  }
  if (text == "PT") return "PT0S";
  return text.ends_with('T') ? text.substr(0, text.size() - 1) : text;
}

// "* * * * *", or what else the schedule is called.
Json Summary(const Json& dag) {
  const Json schedule = dag.value("schedule_interval", Json());
  if (schedule.is_null()) return nullptr;
  if (schedule.is_object() && schedule.contains("value")) return schedule["value"];
  return dag.value("timetable_description", Json());
}

}  // namespace

Json DagToV2(Json dag) {
  dag["timetable_summary"] = Summary(dag);
  dag["is_stale"] = dag.value("is_active", Json()) == false;
  dag["bundle_name"] = kBundle;
  dag["bundle_version"] = nullptr;
  dag["relative_fileloc"] = nullptr;
  if (dag.contains("dag_run_timeout")) dag["dag_run_timeout"] = IsoDuration(dag["dag_run_timeout"]);
  Rename(&dag, "dataset_expression", "asset_expression");
  Rename(&dag, "next_dagrun", "next_dagrun_logical_date");
  Rename(&dag, "next_dagrun_create_after", "next_dagrun_run_after");
  for (Json& tag : dag["tags"]) {
    tag["dag_id"] = dag["dag_id"];
    tag["dag_display_name"] = dag.value("dag_display_name", dag["dag_id"]);
  }
  Drop(&dag, {"is_active", "is_subdag", "root_dag_id", "last_pickled", "scheduler_lock",
              "pickle_id", "default_view", "schedule_interval"});
  return dag;
}

Json TaskOfDagToV2(Json task) {
  Json names = Json::array();
  for (const Json& link : task.value("extra_links", Json::array())) {
    names.push_back(link["class_ref"]["class_name"]);
  }
  task["extra_links"] = std::move(names);
  return task;
}

Json DagStatsToV2(Json stats) {
  stats["dag_display_name"] = stats["dag_id"];
  return stats;
}

// A run is due at the end of its data interval; one that somebody asked for, when they did.
Json RunToV2(Json run) {
  const Json end = run.value("data_interval_end", Json());
  const bool is_manual = run.value("run_type", Json()) == "manual" || end.is_null();
  run["run_after"] = is_manual ? run["logical_date"] : end;
  if (run["run_type"] == "dataset_triggered") run["run_type"] = "asset_triggered";
  run["duration"] = SecondsOf(run);
  run.emplace("queued_at", nullptr);
  run["triggered_by"] = nullptr;
  run["triggering_user_name"] = nullptr;
  run["dag_versions"] = Json::array();
  run["bundle_version"] = nullptr;
  run["dag_display_name"] = run["dag_id"];
  Drop(&run, {"execution_date", "external_trigger"});
  return run;
}

// Airflow's id is a UUID; here a task instance is known by these four.
Json TaskToV2(Json task) {
  const auto text = [&](const char* name) { return task.value(name, std::string()); };
  task["id"] = text("dag_id") + "/" + text("dag_run_id") + "/" + text("task_id") + "/" +
               DumpJson(task.value("map_index", Json(-1)));
  Rename(&task, "execution_date", "logical_date");
  task["run_after"] = task["logical_date"];
  task["dag_display_name"] = task["dag_id"];
  task["operator_name"] = task.value("operator", Json());
  task["scheduled_when"] = nullptr;
  task.emplace("executor", nullptr);
  task["dag_version"] = nullptr;
  Drop(&task, {"sla_miss"});
  return task;
}

Json TaskReferenceToV2(Json task) {
  Rename(&task, "execution_date", "logical_date");
  return task;
}

Json ClearedRunToV2(Json answer) {
  if (!answer.contains("task_instances")) return RunToV2(std::move(answer));
  for (Json& task : answer["task_instances"]) task = TaskReferenceToV2(std::move(task));
  return answer;
}

Json XComToV2(Json entry) {
  Rename(&entry, "execution_date", "logical_date");
  entry["dag_display_name"] = entry["dag_id"];
  entry["task_display_name"] = entry["task_id"];
  return entry;
}

Json LogToV2(Json log) {
  const std::string text = log.value("content", "");
  const bool has_file = log.value("continuation_token", "") != "0";
  if (text.empty() || !has_file) log["continuation_token"] = nullptr;
  Json lines = Json::array();
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  log["content"] = std::move(lines);
  return log;
}

Json VariableToV2(Json variable) {
  variable["is_encrypted"] = true;
  return variable;
}

Json ConnectionToV2(Json connection) {
  connection["password"] = nullptr;  // which never leaves
  connection.emplace("extra", nullptr);
  return connection;
}

Json AssetToV2(Json dataset) {
  dataset["name"] = dataset["uri"];
  dataset["group"] = "asset";
  dataset["aliases"] = Json::array();
  dataset["last_asset_event"] = nullptr;
  return dataset;
}

Json AssetEventToV2(Json event) {
  Rename(&event, "dataset_id", "asset_id");
  Rename(&event, "dataset_uri", "uri");
  event["name"] = event["uri"];
  event["group"] = "asset";
  return event;
}

Json QueuedEventsToV2(Json list) {
  list.erase("datasets");
  for (Json& event : list["queued_events"]) event["dag_display_name"] = event["dag_id"];
  return list;
}

Json ImportErrorToV2(Json error) {
  error["bundle_name"] = kBundle;
  return error;
}

Json WarningToV2(Json warning) {
  warning["dag_display_name"] = warning["dag_id"];
  return warning;
}

Json EventLogToV2(Json line) {
  Rename(&line, "execution_date", "logical_date");
  line["dag_display_name"] = line["dag_id"];
  return line;
}

}  // namespace beeflow
