// taskInstances: clearing, marking, notes
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"
#include "api/task_selection.h"

namespace beeflow {
namespace {

Reach ReadReach(JsonReader* in) {
  Reach reach;
  reach.upstream = in->Boolean("include_upstream", false);
  reach.downstream = in->Boolean("include_downstream", false);
  reach.past = in->Boolean("include_past", false);
  reach.future = in->Boolean("include_future", false);
  return reach;
}

struct ClearForm {
  ClearRequest request;
  bool dry_run = true;
};

// Ids of tasks, and pairs [id, map index] of single instances of mapped tasks.
void ReadTaskIds(JsonReader* in, ClearRequest* request) {
  const Json& ids = in->Raw("task_ids");
  if (ids.is_null()) return;
  if (!ids.is_array() || ids.empty()) {
    return in->Fail("task_ids must be a list with an entry at least; leave it out for all tasks");
  }
  for (const Json& id : ids) {
    const bool is_pair = id.is_array() && id.size() == 2 && id[0].is_string() &&
                         id[1].is_number_integer() && id[1] >= -1 && id[1] <= INT32_MAX;
    if (id.is_string()) {
      request->tasks.push_back(id);
    } else if (is_pair) {
      request->instances.emplace_back(id[0], id[1].get<int>());
    } else {
      return in->Fail("task_ids: an entry must be an id, or a list of an id and a map index");
    }
  }
}

// Runs go back to queued unless reset_dag_runs is false: otherwise what was cleared of a run that
// has ended would wait for ever.
Result<ClearForm> ReadClearForm(const ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json body,
      ReadBody(call.request(),
               {"dry_run", "task_ids", "start_date", "end_date", "only_failed", "only_running",
                "include_upstream", "include_downstream", "include_future", "include_past",
                "include_subdags", "include_parentdag", "reset_dag_runs", "dag_run_id"}));
  JsonReader in(body, "the body");
  ClearForm form;
  ClearRequest& request = form.request;
  request.dag_id = call.Field("dag_id");
  form.dry_run = in.Boolean("dry_run", true);
  request.run_id = in.OptionalString("dag_run_id");
  request.from = in.OptionalTime("start_date");
  request.to = in.OptionalTime("end_date");
  ReadTaskIds(&in, &request);
  request.only_running = in.Boolean("only_running", false);
  request.only_failed = in.Boolean("only_failed", !request.only_running);
  request.reach = ReadReach(&in);
  request.requeue_runs = in.Boolean("reset_dag_runs", true);
  in.Boolean("include_subdags", false);
  in.Boolean("include_parentdag", false);
  if (request.only_failed && request.only_running) {
    in.Fail("only_failed and only_running cannot both be true");
  }
  if (request.run_id && (request.from || request.to)) {
    in.Fail("send dag_run_id, or start_date and end_date, not both");
  }
  if (request.from && request.to && *request.to < *request.from) {
    in.Fail("end_date is before start_date");
  }
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return form;
}

Json References(const TouchedTasks& touched) { return {{"task_instances", touched.references}}; }

Result<Json> PostClear(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_RETURN_IF_ERROR(catalog->Dag(call.Field("dag_id")));
  BEEFLOW_ASSIGN_OR_RETURN(const ClearForm form, ReadClearForm(call));
  BEEFLOW_ASSIGN_OR_RETURN(const TouchedTasks touched,
                           ClearTasks(call, form.request, form.dry_run, ""));
  return References(touched);
}

Result<TaskState> ReadNewState(JsonReader* in) {
  const std::string name = in->String("new_state");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  const auto state = ParseTaskState(name);
  if (state == TaskState::kSuccess || state == TaskState::kFailed || state == TaskState::kSkipped) {
    return *state;
  }
  return Invalid("the body: new_state: '" + name + "' must be success, failed or skipped");
}

Result<TouchedTasks> WriteMarks(ApiCall& call, const MarkRequest& request) {
  TouchedTasks touched;
  std::vector<AuditNote> notes;
  BEEFLOW_RETURN_IF_ERROR(call.Write(notes, [&](Catalog* edited) -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(touched, MarkTasks(edited, request, true));
    for (const auto& [run, count] : touched.runs) {
      notes.push_back({std::string(ToString(request.state)), run.dag_id, run.run_id,
                       request.task_id, std::to_string(count)});
    }
    return Ok();
  }));
  return touched;
}

// The id of the run of a logical date.
Result<std::string> RunOfDate(Catalog* catalog, const std::string& dag_id, Time date) {
  RunFilter filter;
  filter.dag_id = dag_id;
  filter.logical_date_from = date;
  filter.logical_date_to = date;
  filter.limit = 1;
  BEEFLOW_ASSIGN_OR_RETURN(const auto runs, catalog->Runs(filter));
  if (runs.empty()) return NotFound("DAG " + dag_id + " has no run of " + FormatIso(date));
  return runs[0].key.run_id;
}

struct MarkForm {
  MarkRequest request;
  bool dry_run = true;
};

Result<MarkForm> ReadMarkForm(ApiCall& call, Catalog* catalog) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json body,
      ReadBody(call.request(),
               {"dry_run", "task_id", "execution_date", "dag_run_id", "include_upstream",
                "include_downstream", "include_future", "include_past", "new_state"}));
  JsonReader in(body, "the body");
  MarkForm form;
  form.dry_run = in.Boolean("dry_run", true);
  form.request.task_id = in.String("task_id");
  form.request.reach = ReadReach(&in);
  const auto run_id = in.OptionalString("dag_run_id");
  const auto date = in.OptionalTime("execution_date");
  if (form.request.task_id.empty()) in.Fail("task_id is missing");
  if (run_id.has_value() == date.has_value()) {
    in.Fail("send either dag_run_id or execution_date");
  }
  BEEFLOW_ASSIGN_OR_RETURN(form.request.state, ReadNewState(&in));
  const std::string& dag_id = call.Field("dag_id");
  form.request.run = {dag_id, run_id.value_or("")};
  if (date) {
    BEEFLOW_ASSIGN_OR_RETURN(form.request.run.run_id, RunOfDate(catalog, dag_id, *date));
  }
  form.request.now = call.Now();
  return form;
}

Result<Json> PostStates(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_RETURN_IF_ERROR(catalog->Dag(call.Field("dag_id")));
  BEEFLOW_ASSIGN_OR_RETURN(const MarkForm form, ReadMarkForm(call, catalog));
  BEEFLOW_ASSIGN_OR_RETURN(const TouchedTasks touched, form.dry_run
                                                           ? MarkTasks(catalog, form.request, false)
                                                           : WriteMarks(call, form.request));
  return References(touched);
}

struct TaskOfPath {
  RunKey run;
  std::string task_id;
  int map_index = -1;
};

Result<TaskOfPath> ReadPath(const ApiCall& call) {
  TaskOfPath task{{call.Field("dag_id"), call.Field("dag_run_id")}, call.Field("task_id")};
  if (call.request().fields.contains("map_index")) {
    BEEFLOW_ASSIGN_OR_RETURN(task.map_index, ReadMapIndex(call.Field("map_index")));
  }
  return task;
}

Result<Json> PatchTask(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const TaskOfPath path, ReadPath(call));
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(call.request(), {"dry_run", "new_state"}));
  JsonReader in(body, "the body");
  const bool dry_run = in.Boolean("dry_run", true);
  MarkRequest request;
  BEEFLOW_ASSIGN_OR_RETURN(request.state, ReadNewState(&in));
  request.run = path.run;
  request.task_id = path.task_id;
  request.map_index = path.map_index;
  request.now = call.Now();
  BEEFLOW_ASSIGN_OR_RETURN(History * history, call.history());
  BEEFLOW_ASSIGN_OR_RETURN(const TaskEntry task,
                           history->Task(path.run, path.task_id, path.map_index));
  if (!dry_run) BEEFLOW_RETURN_IF_ERROR(WriteMarks(call, request));
  return TaskReference(task.info.record, task.logical_date);
}

Result<Json> SetNote(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const TaskOfPath path, ReadPath(call));
  BEEFLOW_ASSIGN_OR_RETURN(const std::string note, ReadNote(call.request()));
  const AuditNote audit{"set_task_instance_note", path.run.dag_id, path.run.run_id, path.task_id};
  BEEFLOW_RETURN_IF_ERROR(call.Write(audit, [&](Catalog* edited) {
    return edited->SetTaskNote(path.run, path.task_id, path.map_index, note, call.Now());
  }));
  BEEFLOW_ASSIGN_OR_RETURN(History * history, call.history());
  BEEFLOW_ASSIGN_OR_RETURN(const TaskEntry task,
                           history->Task(path.run, path.task_id, path.map_index));
  return ToJson(task);
}

}  // namespace

void AddTaskEditRoutes(ApiRoutes* routes) {
  const std::string dag = "/api/v1/dags/{dag_id}";
  const std::string task = dag + "/dagRuns/{dag_run_id}/taskInstances/{task_id}";
  const std::string mapped = task + "/{map_index}";
  const std::vector<Permission> edit = {{Action::kEdit, resource::kDag},
                                        {Action::kRead, resource::kDagRun},
                                        {Action::kEdit, resource::kTaskInstance}};
  routes->AddJson({"POST",
                   dag + "/clearTaskInstances",
                   "post_clear_task_instances",
                   "Have task instances run again",
                   edit,
                   {},
                   "ClearTaskInstances",
                   "TaskInstanceReferenceCollection"},
                  PostClear);
  routes->AddJson({"POST",
                   dag + "/updateTaskInstancesState",
                   "post_set_task_instances_state",
                   "Mark task instances",
                   edit,
                   {},
                   "UpdateTaskInstancesState",
                   "TaskInstanceReferenceCollection"},
                  PostStates);
  routes->AddJson({"PATCH",
                   task + "/setNote",
                   "set_task_instance_note",
                   "Leave a note at a task instance",
                   edit,
                   {},
                   "SetTaskInstanceNote",
                   "TaskInstance"},
                  SetNote);
  routes->AddJson({"PATCH",
                   mapped + "/setNote",
                   "set_mapped_task_instance_note",
                   "Leave a note at an instance of a mapped task",
                   edit,
                   {},
                   "SetTaskInstanceNote",
                   "TaskInstance"},
                  SetNote);
  routes->AddJson({"PATCH",
                   task,
                   "patch_task_instance",
                   "Mark a task instance",
                   edit,
                   {},
                   "UpdateTaskInstance",
                   "TaskInstanceReference"},
                  PatchTask);
  routes->AddJson({"PATCH",
                   mapped,
                   "patch_mapped_task_instance",
                   "Mark an instance of a mapped task",
                   edit,
                   {},
                   "UpdateTaskInstance",
                   "TaskInstanceReference"},
                  PatchTask);
}

}  // namespace beeflow
