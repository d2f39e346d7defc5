// What the UI shows of the runs of a DAG: the grid of runs and tasks, and the tries of a run.
#include <algorithm>
#include <utility>

#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"
#include "api/task_selection.h"

namespace beeflow {
namespace {

constexpr int64_t kRunsDefault = 30;
constexpr int64_t kRunsDefaultMin = 3;
constexpr int64_t kCellsDefault = 60'000;  // of DAGs that have more, fewer runs unless asked for
constexpr int64_t kRunsMax = 400;
constexpr auto kLastState = static_cast<int>(TaskState::kDeferred);

std::string NameOf(TaskState state) {
  return state == TaskState::kNone ? "none" : std::string(ToString(state));
}

// A cell names its state by its place in this list.
Json StateNames() {
  Json names = Json::array();
  for (int state = 0; state <= kLastState; ++state) {
    names.push_back(NameOf(static_cast<TaskState>(state)));
  }
  return names;
}

int64_t Milliseconds(Duration span) {
  return std::chrono::floor<std::chrono::milliseconds>(span).count();
}

Json CellJson(const std::optional<GridCell>& cell) {
  if (!cell) return nullptr;
  Json json = Json::array();
  auto& list = json.get_ref<Json::array_t&>();
  list.reserve(5);
  list.emplace_back(static_cast<int>(cell->state));
  list.emplace_back(cell->start ? Json(Milliseconds(cell->start->time_since_epoch())) : Json());
  list.emplace_back(cell->duration ? Json(Milliseconds(*cell->duration)) : Json());
  list.emplace_back(cell->try_number);
  if (cell->instances.empty()) return json;
  Json counts = Json::object();
  for (const auto& [state, count] : cell->instances) counts[NameOf(state)] = count;
  list.push_back(std::move(counts));
  return json;
}

Json RunJson(const GridRun& run) {
  Json json = ToJson(run.record);
  json.erase("dag_id");
  json.erase("execution_date");
  json.erase("last_scheduling_decision");
  json.erase("dag_run_id");
  json["run_id"] = run.record.key.run_id;
  json["queued_at"] = ToJson(run.record.queued_at);
  json["note"] = run.note ? Json(*run.note) : Json();
  json["dag_hash"] = run.dag_hash.empty() ? Json() : Json(run.dag_hash);
  return json;
}

template <typename Value>
Status ReadNames(QueryReader* query, const std::string& name,
                 std::optional<Value> (*parse)(std::string_view), std::vector<Value>* values) {
  for (const std::string& text : query->Texts(name)) {
    const auto value = parse(text);
    if (!value) return Invalid("query parameter " + name + ": '" + text + "' is not known");
    values->push_back(*value);
  }
  return Ok();
}

int64_t RunsByDefault(Catalog* catalog, const std::string& dag_id) {
  const auto dag = catalog->Model(dag_id);
  const auto tasks = dag.ok() ? static_cast<int64_t>((*dag)->tasks.size()) : 0;
  if (tasks == 0) return kRunsDefault;
  return std::clamp(kCellsDefault / tasks, kRunsDefaultMin, kRunsDefault);
}

Result<Json> GetGrid(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(Overview * overview, call.overview());
  QueryReader query(call.request());
  GridFilter filter;
  filter.dag_id = call.Field("dag_id");
  filter.runs_max =
      static_cast<int>(query.Integer("runs", RunsByDefault(catalog, filter.dag_id), 1, kRunsMax));
  filter.before = query.OptionalTime("before");
  filter.run = query.Text("run_id");
  BEEFLOW_RETURN_IF_ERROR(ReadNames(&query, "run_type", ParseRunType, &filter.types));
  BEEFLOW_RETURN_IF_ERROR(ReadNames(&query, "state", ParseRunState, &filter.states));
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_RETURN_IF_ERROR(catalog->Dag(filter.dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const RunGrid grid, overview->Grid(filter));
  Json runs = Json::array();
  for (const GridRun& run : grid.runs) runs.push_back(RunJson(run));
  Json tasks = Json::object();
  for (const auto& [task_id, cells] : grid.cells) {
    Json row = Json::array();
    row.get_ref<Json::array_t&>().reserve(cells.size());
    for (const auto& cell : cells) row.push_back(CellJson(cell));
    tasks[task_id] = std::move(row);
  }
  return Json{{"states", StateNames()},
              {"runs_max", filter.runs_max},
              {"runs", std::move(runs)},
              {"tasks", std::move(tasks)}};
}

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json AttemptJson(const AttemptInfo& attempt) {
  const AttemptUsage& usage = attempt.usage;
  return {{"try_number", attempt.try_number},
          {"attempt_id", attempt.attempt_id},
          {"state", attempt.state},
          {"start_date", ToJson(attempt.start_date)},
          {"end_date", ToJson(attempt.end_date)},
          {"start_type", usage.start_type},
          {"queue_seconds", OrNull(usage.queue_seconds)},
          {"start_seconds", OrNull(usage.start_seconds)},
          {"memory_bytes", OrNull(usage.memory_bytes)},
          {"cpu_seconds", OrNull(usage.cpu_seconds)},
          {"environment", usage.environment},
          {"exit_code", OrNull(usage.exit_code)},
          {"exit_signal", OrNull(usage.exit_signal)},
          {"reason", attempt.reason}};
}

Json TriesJson(const TaskTries& tries) {
  const TaskInfo& task = tries.task;
  const TaskRecord& record = task.record;
  Json attempts = Json::array();
  for (const AttemptInfo& attempt : tries.attempts) attempts.push_back(AttemptJson(attempt));
  const std::string state(ToString(record.state));
  return {{"task_id", record.task_id},
          {"map_index", record.map_index},
          {"state", state.empty() ? Json(nullptr) : Json(state)},
          {"try_number", record.try_number},
          {"max_tries", record.max_tries},
          {"operator", task.operator_name},
          {"queued_at", ToJson(task.queued_at)},
          {"start_date", ToJson(record.start_date)},
          {"end_date", ToJson(record.end_date)},
          {"duration", OrNull(task.duration)},
          {"pool", task.pool},
          {"queue", task.queue},
          {"hostname", task.hostname},
          {"rendered_map_index",
           task.rendered_map_index.empty() ? Json(nullptr) : Json(task.rendered_map_index)},
          {"pid", task.pid != 0 ? Json(task.pid) : Json(nullptr)},
          {"note", OrNull(tries.note)},
          {"attempts", std::move(attempts)}};
}

Result<Json> ListTries(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Overview * overview, call.overview());
  QueryReader query(call.request());
  const auto task_id = query.Text("task_id");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  const RunKey run{call.Field("dag_id"), call.Field("run_id")};
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<TaskTries> tries, overview->Tries(run, task_id));
  Json list = Json::array();
  for (const TaskTries& task : tries) list.push_back(TriesJson(task));
  return Json{{"tasks", std::move(list)}};
}

Result<Json> GetRendered(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  QueryReader query(call.request());
  const auto map_index = static_cast<int>(query.Integer("map_index", -1, -1, INT32_MAX));
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run,
                           catalog->Run({call.Field("dag_id"), call.Field("run_id")}));
  BEEFLOW_RETURN_IF_ERROR(catalog->Task(run.key, call.Field("task_id"), map_index));
  BEEFLOW_ASSIGN_OR_RETURN(const CodeGate::Pass pass, call.context().gate().Enter());
  BEEFLOW_ASSIGN_OR_RETURN(const RenderedFields fields, call.context().options().render_task(
                                                            run, call.Field("task_id"), map_index));
  Json list = Json::array();
  for (const RenderedField& field : fields) {
    list.push_back({{"name", field.name}, {"value", field.text}});
  }
  return Json{{"fields", std::move(list)}};
}

struct InstanceClear {
  ClearRequest request;
  bool dry_run = true;
};

Result<InstanceClear> ReadInstanceClear(const ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json body,
      ReadBody(call.request(), {"dry_run", "only_failed", "include_upstream", "include_downstream",
                                "include_future", "include_past"}));
  JsonReader in(body, "the body");
  InstanceClear form;
  form.dry_run = in.Boolean("dry_run", true);
  ClearRequest& request = form.request;
  request.dag_id = call.Field("dag_id");
  request.run_id = call.Field("run_id");
  request.only_failed = in.Boolean("only_failed", false);
  request.reach.upstream = in.Boolean("include_upstream", false);
  request.reach.downstream = in.Boolean("include_downstream", false);
  request.reach.past = in.Boolean("include_past", false);
  request.reach.future = in.Boolean("include_future", false);
  BEEFLOW_RETURN_IF_ERROR(in.status());
  BEEFLOW_ASSIGN_OR_RETURN(const int map_index, ReadMapIndex(call.Field("map_index")));
  request.instances = {{call.Field("task_id"), map_index}};
  return form;
}

// One instance of a mapped task runs again, with all of the tasks that are reached from it.
Result<Json> ClearInstance(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const InstanceClear form, ReadInstanceClear(call));
  const ClearRequest& request = form.request;
  const auto& [task_id, map_index] = request.instances.front();
  BEEFLOW_RETURN_IF_ERROR(catalog->Task({request.dag_id, *request.run_id}, task_id, map_index));
  BEEFLOW_ASSIGN_OR_RETURN(const TouchedTasks touched,
                           ClearTasks(call, request, form.dry_run, task_id));
  return Json{{"task_instances", touched.references}};
}

}  // namespace

void AddUiRunRoutes(ApiRoutes* routes) {
  const std::vector<Permission> read = {{Action::kRead, resource::kDag},
                                        {Action::kRead, resource::kDagRun},
                                        {Action::kRead, resource::kTaskInstance}};
  routes->AddJson({"GET",
                   "/api/v1/ui/dags/{dag_id}/runs/{run_id}/tasks/{task_id}/rendered",
                   "ui_rendered",
                   "The template fields of a task instance, rendered now",
                   read,
                   {{"map_index", ParameterType::kInteger, "Of an instance of a mapped task."}},
                   "",
                   "UiRendered"},
                  GetRendered);
  routes->AddJson({"GET",
                   "/api/v1/ui/dags/{dag_id}/grid",
                   "ui_grid",
                   "The newest runs of a DAG and the states of their tasks",
                   read,
                   {{"runs", ParameterType::kInteger,
                     "Most runs, at most 400; else 30, or fewer of a large DAG."},
                    {"before", ParameterType::kTime, "Only runs with an earlier logical date."},
                    {"run_id", ParameterType::kText, "Only this run."},
                    {"run_type", ParameterType::kText, "Only runs of one of these types.", true},
                    {"state", ParameterType::kText, "Only runs in one of these states.", true}},
                   "",
                   "UiGrid"},
                  GetGrid);
  routes->AddJson({"GET",
                   "/api/v1/ui/dags/{dag_id}/runs/{run_id}/tasks",
                   "ui_run_tasks",
                   "The task instances of a run with their attempts",
                   read,
                   {{"task_id", ParameterType::kText, "Only the instances of this task."}},
                   "",
                   "UiRunTasks"},
                  ListTries);
  routes->AddJson({"POST",
                   "/api/v1/ui/dags/{dag_id}/runs/{run_id}/tasks/{task_id}/{map_index}/clear",
                   "ui_clear_instance",
                   "Have an instance of a mapped task run again",
                   {{Action::kEdit, resource::kDag},
                    {Action::kRead, resource::kDagRun},
                    {Action::kEdit, resource::kTaskInstance}},
                   {},
                   "UiClearInstance",
                   "TaskInstanceReferenceCollection"},
                  ClearInstance);
}

}  // namespace beeflow
