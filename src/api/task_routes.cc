// taskInstances: list, batch, one, mapped, tries, dependencies, links
#include <algorithm>

#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_filters.h"
#include "api/query_reader.h"
#include "api/task_dependencies.h"
#include "api/task_tries.h"

namespace beeflow {
namespace {

Result<Json> AnswerTasks(ApiCall& call, const TaskQuery& wanted) {
  BEEFLOW_ASSIGN_OR_RETURN(History * history, call.history());
  BEEFLOW_ASSIGN_OR_RETURN(const auto tasks, history->Tasks(wanted));
  Json list = Json::array();
  for (const TaskEntry& task : tasks.entries) list.push_back(ToJson(task));
  return Collection("task_instances", list, tasks.total);
}

RunKey RunOf(const ApiCall& call) { return {call.Field("dag_id"), call.Field("dag_run_id")}; }

// Of a path with a map index or without.
Result<TaskEntry> FindTask(ApiCall& call) {
  int map_index = -1;
  if (call.request().fields.contains("map_index")) {
    BEEFLOW_ASSIGN_OR_RETURN(map_index, ReadMapIndex(call.Field("map_index")));
  }
  BEEFLOW_ASSIGN_OR_RETURN(History * history, call.history());
  const std::string& task_id = call.Field("task_id");
  auto task = history->Task(RunOf(call), task_id, map_index);
  if (task.ok() || map_index >= 0 || task.error().code != ErrorCode::kNotFound) return task;
  TaskQuery mapped;
  mapped.dag_ids = AllOrOne(call.Field("dag_id"));
  mapped.run_ids = AllOrOne(call.Field("dag_run_id"));
  mapped.task_ids = Choice({task_id});
  mapped.paging.limit = 1;
  BEEFLOW_ASSIGN_OR_RETURN(const auto instances, history->Tasks(mapped));
  if (instances.total == 0) return task;
  return NotFound("task '" + task_id + "' is mapped: add the map index of an instance to the path");
}

// The filters that lists of task instances share. Here no task is bound to an executor, so that
// none is found by one.
Result<TaskQuery> ReadTaskQuery(const HttpRequest& request) {
  QueryReader query(request);
  TaskQuery wanted;
  wanted.paging = ReadPaging(&query);
  wanted.logical_date = ReadRange(&query, "execution_date");
  wanted.start_date = ReadRange(&query, "start_date");
  wanted.end_date = ReadRange(&query, "end_date");
  wanted.updated_at = ReadRange(&query, "updated_at");
  wanted.duration = {query.Number("duration_gte"), query.Number("duration_lte")};
  wanted.pools = ReadChoice(&query, "pool");
  wanted.queues = ReadChoice(&query, "queue");
  if (ReadChoice(&query, "executor")) wanted.queues = Choice(std::vector<std::string>());
  const std::vector<std::string> states = query.Texts("state");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(wanted.states, ParseTaskStates("query parameter state", states));
  return wanted;
}

Result<Json> ListTasks(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(TaskQuery wanted, ReadTaskQuery(call.request()));
  const RunKey run = RunOf(call);
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  if (run.dag_id != "~") BEEFLOW_RETURN_IF_ERROR(catalog->Dag(run.dag_id));
  if (run.dag_id != "~" && run.run_id != "~") BEEFLOW_RETURN_IF_ERROR(catalog->Run(run));
  wanted.dag_ids = Intersect(AllOrOne(run.dag_id), AllowedDags(call.who(), Action::kRead));
  wanted.run_ids = AllOrOne(run.run_id);
  return AnswerTasks(call, wanted);
}

Result<Json> ListMapped(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(TaskQuery wanted, ReadTaskQuery(call.request()));
  const RunKey run = RunOf(call);
  const std::string& task_id = call.Field("task_id");
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_RETURN_IF_ERROR(catalog->Run(run));
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, catalog->Model(run.dag_id));
  const auto index = dag->Find(task_id);
  if (!index) return NotFound("DAG '" + run.dag_id + "' has no task '" + task_id + "'");
  if (!dag->tasks[*index].mapping) return NotFound("task '" + task_id + "' is not mapped");
  wanted.dag_ids = AllOrOne(run.dag_id);
  wanted.run_ids = AllOrOne(run.run_id);
  wanted.task_ids = Choice({task_id});
  wanted.only_mapped = true;
  return AnswerTasks(call, wanted);
}

// The states of a batch, of which null stands for none.
Result<std::vector<TaskState>> ReadBatchStates(const Json& body) {
  std::vector<std::string> names;
  const Json states = body.value("state", Json::array());
  if (!states.is_null() && !states.is_array()) return Invalid("the body: state must be a list");
  for (const Json& state : states) {
    if (!state.is_null() && !state.is_string()) {
      return Invalid("the body: state must be a list of texts");
    }
    names.push_back(state.is_null() ? "none" : state.get<std::string>());
  }
  return ParseTaskStates("the body: state", names);
}

std::optional<double> ReadNumber(JsonReader* in, const char* name) {
  const Json& value = in->Raw(name);
  if (value.is_null()) return std::nullopt;
  if (value.is_number()) return value.get<double>();
  in->Fail(std::string(name) + " must be a number");
  return std::nullopt;
}

Result<TaskQuery> ReadBatch(const HttpRequest& request) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json body,
      ReadBody(request, {"dag_ids", "dag_run_ids", "task_ids", "execution_date_gte",
                         "execution_date_lte", "start_date_gte", "start_date_lte", "end_date_gte",
                         "end_date_lte", "duration_gte", "duration_lte", "state", "pool", "queue",
                         "executor", "order_by", "page_limit", "page_offset"}));
  JsonReader in(body, "the body");
  TaskQuery wanted;
  wanted.paging = ReadPaging(&in);
  wanted.dag_ids = ReadChoice(&in, "dag_ids");
  wanted.run_ids = ReadChoice(&in, "dag_run_ids");
  wanted.task_ids = ReadChoice(&in, "task_ids");
  wanted.logical_date = ReadRange(&in, "execution_date");
  wanted.start_date = ReadRange(&in, "start_date");
  wanted.end_date = ReadRange(&in, "end_date");
  wanted.duration = {ReadNumber(&in, "duration_gte"), ReadNumber(&in, "duration_lte")};
  wanted.pools = ReadChoice(&in, "pool");
  wanted.queues = ReadChoice(&in, "queue");
  if (ReadChoice(&in, "executor")) wanted.queues = Choice(std::vector<std::string>());
  BEEFLOW_RETURN_IF_ERROR(in.status());
  BEEFLOW_ASSIGN_OR_RETURN(wanted.states, ReadBatchStates(body));
  return wanted;
}

HttpResponse ListTasksBatch(ApiCall& call) {
  auto wanted = ReadBatch(call.request());
  if (!wanted.ok()) return ErrorResponse(wanted.error());
  for (const std::string& dag_id : wanted->dag_ids.value_or(std::vector<std::string>())) {
    if (call.who().CanOnDag(Action::kRead, dag_id)) continue;
    return ProblemResponse(403, "Forbidden",
                           call.who().username + " may not read the DAG '" + dag_id + "'");
  }
  wanted->dag_ids = Intersect(wanted->dag_ids, AllowedDags(call.who(), Action::kRead));
  const auto answer = AnswerTasks(call, *wanted);
  return answer.ok() ? JsonResponse(*answer) : ErrorResponse(answer.error());
}

// What the parser has stored of the class of the task; null where there is nothing.
Json OperatorOf(Catalog* catalog, const TaskEntry& task) {
  const auto text = catalog->SerializedDag(task.info.record.run.dag_id);
  if (!text.ok()) return nullptr;
  const auto dag = ParseJson(*text);
  if (!dag.ok()) return nullptr;
  const Json operators = dag->value("operators", Json::object());
  const auto its_own = operators.find(task.info.operator_name);
  return its_own != operators.end() && its_own->is_object() ? *its_own : Json(nullptr);
}

// Of a try that has begun, as Airflow records them then; here they are rendered when somebody
// looks. What cannot be rendered has none.
Result<Json> RenderedFieldsOf(ApiCall& call, const TaskEntry& task) {
  const TaskRecord& record = task.info.record;
  if (!record.start_date) return Json::object();
  const std::string key = RenderedCache::KeyOf(record);
  if (auto kept = call.context().rendered().Find(key)) return *kept;
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  Json fields = Json::object();
  const Json its_operator = OperatorOf(catalog, task);
  if (its_operator.is_null() || !its_operator.value("template_fields", Json::array()).empty()) {
    BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, catalog->Run(record.run));
    BEEFLOW_ASSIGN_OR_RETURN(const CodeGate::Pass pass, call.context().gate().Enter());
    const auto rendered =
        call.context().options().render_task(run, record.task_id, record.map_index);
    if (!rendered.ok() && rendered.error().code == ErrorCode::kUnavailable) return fields;
    const RenderedFields none;
    for (const RenderedField& field : rendered.ok() ? *rendered : none) {
      fields[field.name] = field.value;
    }
  }
  call.context().rendered().Keep(key, fields);
  return fields;
}

Result<Json> GetTask(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const TaskEntry task, FindTask(call));
  Json json = ToJson(task);
  BEEFLOW_ASSIGN_OR_RETURN(json["rendered_fields"], RenderedFieldsOf(call, task));
  return json;
}

Result<Json> GetDependencies(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const TaskEntry task, FindTask(call));
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(Json failed, FailedDependencies(catalog, task.info.record));
  return Json{{"dependencies", std::move(failed)}};
}

Result<std::vector<TaskEntry>> FindTries(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const TaskEntry task, FindTask(call));
  BEEFLOW_ASSIGN_OR_RETURN(History * history, call.history());
  BEEFLOW_ASSIGN_OR_RETURN(
      const auto attempts,
      history->Attempts(RunOf(call), task.info.record.task_id, task.info.record.map_index));
  return TriesOf(task, attempts);
}

Result<Json> ListTries(ApiCall& call) {
  QueryReader query(call.request());
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  const std::string order_by = query.Text("order_by").value_or("try_number");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  if (order_by != "try_number" && order_by != "-try_number") {
    return Invalid("query parameter order_by: '" + order_by +
                   "' must be try_number or -try_number");
  }
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<TaskEntry> tries, FindTries(call));
  if (order_by[0] == '-') std::reverse(tries.begin(), tries.end());
  Json list = Json::array();
  for (const TaskEntry& entry : Page(tries, offset, limit)) list.push_back(ToJson(entry));
  return Collection("task_instances", list, static_cast<int64_t>(tries.size()));
}

Result<Json> GetTry(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<TaskEntry> tries, FindTries(call));
  const std::string& number = call.Field("task_try_number");
  for (const TaskEntry& entry : tries) {
    if (std::to_string(entry.info.record.try_number) == number) return ToJson(entry);
  }
  return NotFound("task '" + call.Field("task_id") + "' has no try " + number);
}

Result<Json> GetLinks(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const TaskEntry task, FindTask(call));
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  const TaskRecord& record = task.info.record;
  const Json its_operator = OperatorOf(catalog, task);
  const bool is_known = its_operator.is_object() && its_operator.contains("links");
  if (is_known && its_operator["links"].empty()) return Json::object();
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, catalog->Run(record.run));
  BEEFLOW_ASSIGN_OR_RETURN(const CodeGate::Pass pass, call.context().gate().Enter());
  BEEFLOW_ASSIGN_OR_RETURN(const ExtraLinks links, call.context().options().find_links(
                                                       run, record.task_id, record.map_index));
  Json json = Json::object();
  for (const auto& [name, url] : links) json[name] = TextOrNull(url);
  return json;
}

const std::vector<Permission> kRead = {{Action::kRead, resource::kDag},
                                       {Action::kRead, resource::kDagRun},
                                       {Action::kRead, resource::kTaskInstance}};

std::vector<Parameter> Filters() {
  std::vector<Parameter> filters =
      WithPaging(RangeParameters({"execution_date", "start_date", "end_date", "updated_at"}));
  filters.push_back({"duration_gte", ParameterType::kNumber, "The least duration, in seconds."});
  filters.push_back({"duration_lte", ParameterType::kNumber, "The greatest duration."});
  filters.push_back({"state", ParameterType::kText, "Only those in one of these states.", true});
  filters.push_back({"pool", ParameterType::kText, "Only those of one of these pools.", true});
  filters.push_back({"queue", ParameterType::kText, "Only those of one of these queues.", true});
  filters.push_back({"executor", ParameterType::kText, "No task has one: finds nothing.", true});
  filters.push_back({"order_by", ParameterType::kText, "A field, with - before it in reverse."});
  return filters;
}

void AddLists(ApiRoutes* routes, const std::string& tasks) {
  routes->AddJson({"GET", tasks, "get_task_instances",
                   "List the task instances of a run; ~ stands for all DAGs or all runs", kRead,
                   Filters(), "", "TaskInstanceCollection"},
                  ListTasks);
  routes->Add({"POST",
               "/api/v1/dags/~/dagRuns/~/taskInstances/list",
               "get_task_instances_batch",
               "List the task instances of many DAGs and runs",
               kRead,
               {},
               "ListTaskInstanceForm",
               "TaskInstanceCollection"},
              ListTasksBatch);
  routes->AddJson(
      {"GET", tasks + "/{task_id}/listMapped", "get_mapped_task_instances",
       "List the instances of a mapped task", kRead, Filters(), "", "TaskInstanceCollection"},
      ListMapped);
}

// What there is of a task instance, under `path`; `what` is in the operation ids.
void AddOne(ApiRoutes* routes, const std::string& path, const std::string& what) {
  std::vector<Parameter> tries = WithPaging({});
  tries.push_back({"order_by", ParameterType::kText, "try_number or -try_number."});
  routes->AddJson({"GET", path + "/tries", "get_" + what + "_tries",
                   "List the tries of a task instance", kRead, tries, "", "TaskInstanceCollection"},
                  ListTries);
  routes->AddJson({"GET",
                   path + "/tries/{task_try_number}",
                   "get_" + what + "_try_details",
                   "A try of a task instance",
                   kRead,
                   {},
                   "",
                   "TaskInstance"},
                  GetTry);
  routes->AddJson({"GET",
                   path + "/dependencies",
                   "get_" + what + "_dependencies",
                   "What keeps a task instance from starting",
                   kRead,
                   {},
                   "",
                   "TaskInstanceDependencyCollection"},
                  GetDependencies);
}

}  // namespace

void AddTaskRoutes(ApiRoutes* routes) {
  const std::string tasks = "/api/v1/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances";
  const std::string task = tasks + "/{task_id}";
  const std::string mapped = task + "/{map_index}";
  AddLists(routes, tasks);
  routes->AddJson({"GET",
                   task + "/links",
                   "get_extra_links",
                   "The links of a task instance",
                   kRead,
                   {},
                   "",
                   "ExtraLinkCollection"},
                  GetLinks);
  AddOne(routes, task, "task_instance");
  AddOne(routes, mapped, "mapped_task_instance");
  routes->AddJson(
      {"GET", task, "get_task_instance", "A task instance", kRead, {}, "", "TaskInstance"},
      GetTask);
  routes->AddJson({"GET",
                   mapped,
                   "get_mapped_task_instance",
                   "An instance of a mapped task",
                   kRead,
                   {},
                   "",
                   "TaskInstance"},
                  GetTask);
}

}  // namespace beeflow
