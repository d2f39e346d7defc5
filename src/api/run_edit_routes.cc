// dagRuns: marking, clearing, deleting, notes
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"

namespace beeflow {
namespace {

RunKey KeyOf(const ApiCall& call) { return {call.Field("dag_id"), call.Field("dag_run_id")}; }

AuditNote NoteOf(const RunKey& run, std::string event, std::string extra = "") {
  return {std::move(event), run.dag_id, run.run_id, "", std::move(extra)};
}

Result<Json> RunAsItIs(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(History * history, call.history());
  BEEFLOW_ASSIGN_OR_RETURN(const RunEntry run, history->Run(KeyOf(call)));
  return ToJson(run);
}

Result<Json> PatchRun(ApiCall& call) {
  const RunKey run = KeyOf(call);
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(call.request(), {"state"}));
  JsonReader in(body, "the body");
  const std::string name = in.String("state");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  const auto state = ParseRunState(name);
  if (!state || *state == RunState::kRunning) {
    return Invalid("the body: state: '" + name + "' must be queued, success or failed");
  }
  BEEFLOW_RETURN_IF_ERROR(call.Write(NoteOf(run, "dagrun_" + name), [&](Catalog* edited) {
    return edited->SetRunState(run, *state, call.Now());
  }));
  return RunAsItIs(call);
}

Result<Json> WouldClear(ApiCall& call, const ClearSelection& selection) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, catalog->Run(KeyOf(call)));
  BEEFLOW_ASSIGN_OR_RETURN(const auto tasks, catalog->Clearable(selection));
  Json list = Json::array();
  TaskRecord record;
  record.run = run.key;
  for (const ClearedTask& task : tasks) {
    record.task_id = task.task_id;
    list.push_back(TaskReference(record, run.logical_date));
  }
  return Collection("task_instances", list, static_cast<int64_t>(tasks.size()));
}

Result<Json> ClearRun(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(call.request(), {"dry_run"}));
  JsonReader in(body, "the body");
  const bool dry_run = in.Boolean("dry_run", true);
  BEEFLOW_RETURN_IF_ERROR(in.status());
  const RunKey run = KeyOf(call);
  ClearSelection selection;
  selection.dag_id = run.dag_id;
  selection.runs = {run.run_id};
  if (dry_run) return WouldClear(call, selection);
  const Status written = call.Write(NoteOf(run, "dagrun_clear"), [&](Catalog* edited) -> Status {
    BEEFLOW_RETURN_IF_ERROR(edited->Run(run));
    BEEFLOW_RETURN_IF_ERROR(edited->Clear(selection));
    return Ok();
  });
  if (!written.ok()) return written.error();
  return RunAsItIs(call);
}

Result<Json> DeleteRun(ApiCall& call) {
  const RunKey run = KeyOf(call);
  BEEFLOW_RETURN_IF_ERROR(call.Write(NoteOf(run, "delete_dag_run"),
                                     [&](Catalog* edited) { return edited->DeleteRun(run); }));
  return Json();
}

Result<Json> SetNote(ApiCall& call) {
  const RunKey run = KeyOf(call);
  BEEFLOW_ASSIGN_OR_RETURN(const std::string note, ReadNote(call.request()));
  BEEFLOW_RETURN_IF_ERROR(call.Write(NoteOf(run, "set_dag_run_note"), [&](Catalog* edited) {
    return edited->SetRunNote(run, note, call.Now());
  }));
  return RunAsItIs(call);
}

}  // namespace

void AddRunEditRoutes(ApiRoutes* routes) {
  const std::string run = "/api/v1/dags/{dag_id}/dagRuns/{dag_run_id}";
  const std::vector<Permission> edit = {{Action::kEdit, resource::kDag},
                                        {Action::kEdit, resource::kDagRun}};
  routes->AddJson({"PATCH",
                   run,
                   "update_dag_run_state",
                   "Mark a run, or queue it again",
                   edit,
                   {},
                   "UpdateDagRunState",
                   "DAGRun"},
                  PatchRun);
  routes->AddJson({"DELETE",
                   run,
                   "delete_dag_run",
                   "Delete a run",
                   {{Action::kEdit, resource::kDag}, {Action::kDelete, resource::kDagRun}},
                   {},
                   "",
                   "",
                   204},
                  DeleteRun);
  routes->AddJson({"POST",
                   run + "/clear",
                   "clear_dag_run",
                   "Have all task instances of a run run again",
                   edit,
                   {},
                   "ClearDagRun",
                   "ClearDagRunAnswer"},
                  ClearRun);
  routes->AddJson({"PATCH",
                   run + "/setNote",
                   "set_dag_run_note",
                   "Leave a note at a run",
                   edit,
                   {},
                   "SetDagRunNote",
                   "DAGRun"},
                  SetNote);
}

}  // namespace beeflow
