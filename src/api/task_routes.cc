// taskInstances: of a run, one, one with a map index
#include <algorithm>

#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"

namespace beeflow {
namespace {

Result<Json> ListTasks(ApiCall& call) {
  const HttpRequest& request = call.request();
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  QueryReader query(request);
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  const std::vector<std::string> states = query.Texts("state");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  for (const std::string& state : states) {
    if (state == "none" || (!state.empty() && ParseTaskState(state))) continue;
    return Invalid("query parameter state: '" + state + "' is no state of a task instance");
  }
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run,
                           catalog->Run({request.Field("dag_id"), request.Field("run_id")}));
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<TaskInfo> tasks, catalog->Tasks(run.key));
  std::erase_if(tasks, [&](const TaskInfo& task) {
    std::string name(ToString(task.record.state));
    if (name.empty()) name = "none";
    return !states.empty() && std::find(states.begin(), states.end(), name) == states.end();
  });
  Json list = Json::array();
  for (const TaskInfo& task : Page(tasks, offset, limit)) list.push_back(ToJson(task, run));
  return Collection("task_instances", list, static_cast<int64_t>(tasks.size()));
}

Result<Json> OneTask(Catalog* catalog, const HttpRequest& request, int map_index) {
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run,
                           catalog->Run({request.Field("dag_id"), request.Field("run_id")}));
  BEEFLOW_ASSIGN_OR_RETURN(const TaskInfo task,
                           catalog->Task(run.key, request.Field("task_id"), map_index));
  return ToJson(task, run);
}

Result<Json> GetTask(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  return OneTask(catalog, call.request(), -1);
}

Result<Json> GetMappedTask(ApiCall& call) {
  const HttpRequest& request = call.request();
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  const std::string& text = request.Field("map_index");
  constexpr size_t kDigits = 9;
  const bool number = !text.empty() && text.size() <= kDigits &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  if (!number) return NotFound("'" + text + "' is not a map index");
  return OneTask(catalog, request, std::stoi(text));
}

}  // namespace

void AddTaskRoutes(ApiRoutes* routes) {
  const std::string tasks = "/api/v1/dags/{dag_id}/dagRuns/{run_id}/taskInstances";
  const std::vector<Permission> read = {{Action::kRead, resource::kDag},
                                        {Action::kRead, resource::kDagRun},
                                        {Action::kRead, resource::kTaskInstance}};
  routes->AddJson(
      {"GET", tasks, "get_task_instances", "List the task instances of a run", read,
       WithPaging({{"state", ParameterType::kText, "Only those in one of these states.", true}}),
       "", "TaskInstanceCollection"},
      ListTasks);
  routes->AddJson({"GET",
                   tasks + "/{task_id}",
                   "get_task_instance",
                   "A task instance",
                   read,
                   {},
                   "",
                   "TaskInstance"},
                  GetTask);
  routes->AddJson({"GET",
                   tasks + "/{task_id}/{map_index}",
                   "get_mapped_task_instance",
                   "An instance of a mapped task",
                   read,
                   {},
                   "",
                   "TaskInstance"},
                  GetMappedTask);
}

}  // namespace beeflow
