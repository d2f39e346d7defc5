// task_states, dag_get, pool_get, dataset_events, triggering_events
#include <set>
#include <utility>

#include "control/request_handlers.h"

namespace beeflow {
namespace {

// Absent where there is no such DAG, or its file no longer defines it.
Result<std::optional<DagInfo>> FindDag(Catalog* catalog, const std::string& dag_id) {
  auto dag = catalog->Dag(dag_id);
  if (!dag.ok() && dag.error().code != ErrorCode::kNotFound) return dag.error();
  if (!dag.ok() || !dag->record.is_active) return std::optional<DagInfo>();
  return std::optional<DagInfo>(std::move(*dag));
}

std::string Field(const Json& object, const char* key) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

const Json& List(const Json& serialized, const char* key) {
  static const Json kNone = Json::array();
  const auto it = serialized.find(key);
  return it != serialized.end() && it->is_array() ? *it : kNone;
}

// A DAG as it was serialized: its groups are not part of the model.
Result<Json> LoadSerialized(Catalog* catalog, const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::string text, catalog->SerializedDag(dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(Json serialized, ParseJson(text));
  if (!serialized.is_object()) return Internal("DAG " + dag_id + " is not stored as an object");
  return serialized;
}

// The tasks of a group and of the groups inside it. Parents stand before their children.
Result<std::vector<std::string>> TasksOfGroup(Catalog* catalog, const std::string& dag_id,
                                              const std::string& group) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json serialized, LoadSerialized(catalog, dag_id));
  std::set<std::string> groups;
  for (const Json& entry : List(serialized, "task_groups")) {
    const std::string id = Field(entry, "group_id");
    if (id == group || groups.contains(Field(entry, "parent"))) groups.insert(id);
  }
  if (groups.empty()) return NotFound("DAG " + dag_id + " has no task group " + group);
  std::vector<std::string> tasks;
  for (const Json& task : List(serialized, "tasks")) {
    if (groups.contains(Field(task, "group"))) tasks.push_back(Field(task, "task_id"));
  }
  return tasks;
}

Json TaskJson(const TaskAtRun& at) {
  const TaskRecord& task = at.task;
  const std::string_view state = ToString(task.state);
  return {{"run_id", task.run.run_id},
          {"logical_date", FormatIso(at.logical_date)},
          {"task_id", task.task_id},
          {"map_index", task.map_index},
          {"state", state.empty() ? Json() : Json(state)},
          {"try_number", task.try_number},
          {"start_date", TimeJson(task.start_date)},
          {"end_date", TimeJson(task.end_date)}};
}

Json TextOrNull(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }

Json EventsJson(const std::vector<DatasetEventInfo>& events) {
  Json list = Json::array();
  for (const DatasetEventInfo& event : events) {
    auto extra = ParseJson(event.extra);
    list.push_back({{"uri", event.uri},
                    {"extra", extra.ok() ? std::move(*extra) : Json::object()},
                    {"timestamp", FormatIso(event.timestamp)},
                    {"source_dag_id", TextOrNull(event.source_dag_id)},
                    {"source_task_id", TextOrNull(event.source_task_id)},
                    {"source_run_id", TextOrNull(event.source_run_id)},
                    {"source_map_index", event.source_map_index}});
  }
  return list;
}

}  // namespace

Result<Json> GetTaskStates(const RequestContext& context, JsonReader* in) {
  const RunChoice runs = ReadRunChoice(in);
  if (!runs.run_ids && !runs.logical_dates) in->Fail("run_id or logical_dates must be given");
  std::optional<std::vector<std::string>> tasks;
  if (!in->Raw("task_ids").is_null()) tasks = in->Strings("task_ids");
  const auto group = in->OptionalString("group");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  if (group) {
    BEEFLOW_ASSIGN_OR_RETURN(tasks, TasksOfGroup(&context.store->catalog(), runs.dag_id, *group));
  }
  BEEFLOW_ASSIGN_OR_RETURN(const auto found, context.store->TasksOf(runs, tasks));
  Json list = Json::array();
  for (const TaskAtRun& task : found) list.push_back(TaskJson(task));
  return list;
}

Result<Json> GetDag(const RequestContext& context, JsonReader* in) {
  const std::string dag_id = RequiredText(in, "dag_id");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  Catalog& catalog = context.store->catalog();
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, FindDag(&catalog, dag_id));
  if (!dag) return Json();
  BEEFLOW_ASSIGN_OR_RETURN(const Json serialized, LoadSerialized(&catalog, dag_id));
  Json tasks = Json::array();
  for (const Json& task : List(serialized, "tasks")) tasks.push_back(Field(task, "task_id"));
  Json groups = Json::array();
  for (const Json& group : List(serialized, "task_groups")) {
    groups.push_back(Field(group, "group_id"));
  }
  return Json{{"dag_id", dag_id},
              {"is_paused", dag->record.is_paused},
              {"file", dag->record.file},
              {"task_ids", std::move(tasks)},
              {"groups", std::move(groups)}};
}

Result<Json> GetPool(const RequestContext& context, JsonReader* in) {
  const std::string name = RequiredText(in, "pool");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const auto pools, context.store->catalog().Pools());
  for (const PoolInfo& pool : pools) {
    if (pool.record.name != name) continue;
    return Json{{"pool", name},
                {"slots", pool.record.slots},
                {"description", pool.description},
                {"include_deferred", pool.include_deferred}};
  }
  return Json();
}

Result<Json> GetDatasetEvents(const RequestContext& context, JsonReader* in) {
  if (const auto alias = in->OptionalString("alias")) {
    BEEFLOW_ASSIGN_OR_RETURN(const auto events, context.store->AliasEvents(*alias));
    return EventsJson(events);
  }
  const std::string uri = RequiredText(in, "uri");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const auto events, context.store->DatasetEvents(uri));
  return EventsJson(events);
}

Result<Json> GetTriggeringEvents(const RequestContext& context, JsonReader* in) {
  const RunKey run{RequiredText(in, "dag_id"), RequiredText(in, "run_id")};
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const auto events, context.store->TriggeringEvents(run));
  return EventsJson(events);
}

}  // namespace beeflow
