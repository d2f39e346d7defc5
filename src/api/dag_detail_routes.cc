// dags: details, tasks, source
#include <algorithm>

#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_filters.h"
#include "api/query_reader.h"
#include "api/source_access.h"

namespace beeflow {
namespace {

// What the parser has stored, as JSON, besides the model made from it.
struct StoredDag {
  DagInfo info;
  std::shared_ptr<const Dag> model;
  Json json;
};

Result<StoredDag> LoadStoredDag(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  const std::string& dag_id = call.Field("dag_id");
  StoredDag stored;
  BEEFLOW_ASSIGN_OR_RETURN(stored.info, catalog->Dag(dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(stored.model, catalog->Model(dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const std::string text, catalog->SerializedDag(dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(stored.json, ParseJson(text));
  return stored;
}

Json FieldOrNull(const Json& object, const char* name) {
  return object.is_object() && object.contains(name) ? object[name] : Json(nullptr);
}

// The param as Airflow dumps its Param: value, description, schema.
Json Param(const Json& value, const Json& schema) {
  return {{"__class", "airflow.models.param.Param"},
          {"value", value},
          {"description", FieldOrNull(schema, "description")},
          {"schema", schema.is_object() ? schema : Json::object()}};
}

Json Params(const Dag& dag) {
  Json params = Json::object();
  for (const auto& [name, value] : dag.params.items()) {
    params[name] = Param(value, FieldOrNull(dag.params_schema, name.c_str()));
  }
  for (const auto& [name, schema] : dag.params_schema.items()) {
    if (!params.contains(name)) params[name] = Param(nullptr, schema);
  }
  return params;
}

// {"any": ["uri", ...]} of the stored {"any": [{"uri": "uri"}, ...]}.
Json DatasetExpression(const Json& condition) {
  if (!condition.is_object()) return nullptr;
  if (condition.contains("uri")) return condition["uri"];
  for (const char* kind : {"any", "all"}) {
    if (!condition.contains(kind)) continue;
    Json parts = Json::array();
    for (const Json& part : condition[kind]) parts.push_back(DatasetExpression(part));
    return {{kind, std::move(parts)}};
  }
  return condition;
}

// A condition of one dataset is a text, which the field cannot hold.
Json DatasetExpressionOf(const Json& schedule) {
  Json expression = DatasetExpression(FieldOrNull(schedule, "condition"));
  if (expression.is_string()) return {{"all", Json::array({expression})}};
  return expression;
}

std::string Timezone(const Json& schedule) {
  const Json zone = FieldOrNull(schedule, "timezone");
  return "Timezone('" + (zone.is_string() ? zone.get<std::string>() : "UTC") + "')";
}

Result<Json> GetDetails(ApiCall& call) {
  QueryReader query(call.request());
  const std::vector<std::string> fields = query.Texts("fields");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(const StoredDag stored, LoadStoredDag(call));
  const Dag& dag = *stored.model;
  Json json = ToJson(stored.info);
  json.update(
      {{"timezone", Timezone(dag.schedule)},
       {"catchup", dag.catchup},
       {"default_view", stored.json.value("default_view", "grid")},
       {"orientation", stored.json.value("orientation", "LR")},
       {"concurrency", stored.info.max_active_tasks},
       {"start_date", ToJson(dag.start_date)},
       {"end_date", ToJson(dag.end_date)},
       {"dag_run_timeout", dag.dagrun_timeout ? TimeDelta(*dag.dagrun_timeout) : Json(nullptr)},
       {"dataset_expression", DatasetExpressionOf(dag.schedule)},
       {"doc_md", FieldOrNull(stored.json, "doc_md")},
       {"params", Params(dag)},
       {"is_paused_upon_creation",
        dag.is_paused_upon_creation ? Json(*dag.is_paused_upon_creation) : Json(nullptr)},
       {"last_parsed", ToJson(stored.info.last_parsed)},
       {"template_search_path", FieldOrNull(stored.json, "template_searchpath")},
       {"render_template_as_native_obj",
        stored.json.value("render_template_as_native_obj", false)}});
  return OnlyFields(std::move(json), fields);
}

// The links are known by their names; their classes are not.
Json LinkClasses(const Json& names) {
  Json links = Json::array();
  for (const Json& name : names) {
    links.push_back({{"class_ref", {{"class_name", name}, {"module_path", ""}}}});
  }
  return links;
}

// `stored`: the task in the serialized DAG; `its_operator`: what stands there of its class.
Json TaskJson(const Dag& dag, const Task& task, const Json& stored, const Json& its_operator) {
  Json downstream = Json::array();
  for (const TaskIndex index : task.downstream) downstream.push_back(dag.tasks[index].id);
  const auto start = task.start_date ? task.start_date : dag.start_date;
  const auto end = task.end_date ? task.end_date : dag.end_date;
  return {{"class_ref",
           {{"class_name", task.operator_name},
            {"module_path", its_operator.value("module", "airflow.models.baseoperator")}}},
          {"operator_name", task.operator_name},
          {"task_id", task.id},
          {"task_display_name", stored.value("display_name", task.id)},
          {"owner", task.owner},
          {"start_date", ToJson(start)},
          {"end_date", ToJson(end)},
          {"trigger_rule", ToString(task.trigger_rule)},
          {"extra_links", LinkClasses(its_operator.value("links", Json::array()))},
          {"depends_on_past", task.depends_on_past},
          {"wait_for_downstream", task.wait_for_downstream},
          {"is_mapped", task.mapping != nullptr},
          {"retries", static_cast<double>(task.retries)},
          {"queue", task.queue},
          {"executor", nullptr},
          {"pool", task.pool},
          {"pool_slots", static_cast<double>(task.pool_slots)},
          {"execution_timeout",
           task.execution_timeout ? TimeDelta(*task.execution_timeout) : Json(nullptr)},
          {"retry_delay", TimeDelta(task.retry_delay)},
          {"retry_exponential_backoff", task.retry_exponential_backoff},
          {"priority_weight", static_cast<double>(task.priority_weight)},
          {"weight_rule", stored.value("weight_rule", "downstream")},
          {"ui_color", stored.value("ui_color", "#fff")},
          {"ui_fgcolor", stored.value("ui_fgcolor", "#000")},
          {"template_fields", its_operator.value("template_fields", Json::array())},
          {"downstream_task_ids", std::move(downstream)},
          {"params", Params(dag)},
          {"doc_md", FieldOrNull(stored, "doc_md")}};
}

// In the order of the DAG; the parser's list and the model's have the same one.
std::vector<Json> TasksOf(const StoredDag& stored) {
  const Json tasks = FieldOrNull(stored.json, "tasks");
  const Json operators = stored.json.value("operators", Json::object());
  std::vector<Json> list;
  for (size_t i = 0; i < stored.model->tasks.size(); ++i) {
    const Json raw = tasks.is_array() && i < tasks.size() ? tasks[i] : Json::object();
    const Task& task = stored.model->tasks[i];
    const Json its_operator = operators.value(task.operator_name, Json::object());
    list.push_back(TaskJson(*stored.model, task, raw, its_operator));
  }
  return list;
}

Result<Json> ListTasksOfDag(ApiCall& call) {
  QueryReader query(call.request());
  const std::string order_by = query.Text("order_by").value_or("task_id");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(const StoredDag stored, LoadStoredDag(call));
  std::vector<Json> tasks = TasksOf(stored);
  const bool reverse = !order_by.empty() && order_by[0] == '-';
  const std::string field = reverse ? order_by.substr(1) : order_by;
  if (!tasks.empty() && !tasks[0].contains(field)) {
    return Invalid("query parameter order_by: '" + order_by + "' is no field of a task");
  }
  std::stable_sort(tasks.begin(), tasks.end(), [&](const Json& a, const Json& b) {
    return reverse ? b[field] < a[field] : a[field] < b[field];
  });
  const auto total = static_cast<int64_t>(tasks.size());
  return Collection("tasks", Json(std::move(tasks)), total);
}

Result<Json> GetTaskOfDag(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const StoredDag stored, LoadStoredDag(call));
  const auto index = stored.model->Find(call.Field("task_id"));
  if (!index) {
    return NotFound("DAG '" + stored.model->id + "' has no task '" + call.Field("task_id") + "'");
  }
  return TasksOf(stored)[*index];
}

// The token of a file is the id of a DAG in it.
Result<DagInfo> DagOfToken(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  const std::string& token = call.Field("file_token");
  auto dag = catalog->Dag(token);
  if (dag.ok() || dag.error().code != ErrorCode::kNotFound) return dag;
  return NotFound("'" + token + "' is no file token; take that of a DAG, its file_token");
}

Result<std::string> ReadSource(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, DagOfToken(call));
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  return catalog->Source(dag.record.dag_id);
}

bool Accepts(const std::string& accept, const std::string& type) {
  return accept.find(type) != std::string::npos;
}

HttpResponse GetSource(ApiCall& call) {
  if (auto refusal = RefuseSource(call, call.Field("file_token"), Action::kRead)) return *refusal;
  const std::string& accept = call.request().Header("accept");
  const bool wants_json = Accepts(accept, "application/json");
  const bool wants_text = accept.empty() || Accepts(accept, "text/plain") ||
                          Accepts(accept, "text/*") || (Accepts(accept, "*/*") && !wants_json);
  if (!wants_text && !wants_json) {
    return ProblemResponse(406, "Not Acceptable", "send Accept: text/plain or application/json");
  }
  const auto source = ReadSource(call);
  if (!source.ok()) return ErrorResponse(source.error());
  if (wants_text) return {200, "text/plain; charset=utf-8", *source};
  return JsonResponse({{"content", *source}});
}

HttpResponse ParseFile(ApiCall& call) {
  if (auto refusal = RefuseSource(call, call.Field("file_token"), Action::kEdit)) return *refusal;
  const auto dag = DagOfToken(call);
  if (!dag.ok()) return ErrorResponse(dag.error());
  const Status noted =
      call.Write({"reparse_dag_file", dag->record.dag_id}, [](Catalog*) { return Ok(); });
  if (!noted.ok()) return ErrorResponse(noted.error());
  call.context().options().reimport(dag->record.file);
  return {201, "application/json", ""};
}

}  // namespace

void AddDagDetailRoutes(ApiRoutes* routes) {
  const std::string dag = "/api/v1/dags/{dag_id}";
  const std::vector<Permission> read = {{Action::kRead, resource::kDag}};
  const std::vector<Permission> read_tasks = {{Action::kRead, resource::kDag},
                                              {Action::kRead, resource::kTaskInstance}};
  routes->AddJson({"GET",
                   dag + "/details",
                   "get_dag_details",
                   "A DAG with what its file says of it",
                   read,
                   {{"fields", ParameterType::kText, "Only these fields.", true}},
                   "",
                   "DAGDetail"},
                  GetDetails);
  routes->AddJson({"GET",
                   dag + "/tasks",
                   "get_tasks",
                   "The tasks of a DAG",
                   read_tasks,
                   {{"order_by", ParameterType::kText, "A field, with - before it in reverse."}},
                   "",
                   "TaskCollection"},
                  ListTasksOfDag);
  routes->AddJson(
      {"GET", dag + "/tasks/{task_id}", "get_task", "A task", read_tasks, {}, "", "Task"},
      GetTaskOfDag);
  Operation source{"GET",
                   "/api/v1/dagSources/{file_token}",
                   "get_dag_source",
                   "The source of the file of a DAG, as text or JSON",
                   {{Action::kRead, resource::kDag}, {Action::kRead, resource::kDagCode}}};
  source.answer = "DagSource";
  routes->Add(source, GetSource);
  Operation parse{"PUT",
                  "/api/v1/parseDagFile/{file_token}",
                  "reparse_dag_file",
                  "Import the file of a DAG anew",
                  {{Action::kEdit, resource::kDag}},
                  {},
                  "",
                  ""};
  parse.status = 201;
  routes->Add(parse, ParseFile);
}

}  // namespace beeflow
