// What the UI's list of DAGs shows, all at once.
#include <utility>

#include "api/api_context.h"
#include "api/json_text.h"

namespace beeflow {
namespace {

constexpr int kRunsOfList = 14;

void AddRuns(const DagGlance& dag, JsonText* out) {
  out->Key("runs").Begin('[');
  for (const RunGlance& run : dag.runs) {
    out->Begin('{')
        .Field("run_id", run.run_id)
        .Field("state", run.state)
        .Field("run_type", run.type)
        .Field("logical_date", run.logical_date)
        .Field("start_date", run.start_date)
        .Field("end_date", run.end_date)
        .End('}');
  }
  out->End(']');
}

void AddStates(const char* name, const std::map<std::string, int64_t>& states, JsonText* out) {
  out->Key(name).Begin('{');
  for (const auto& [state, count] : states) out->Field(state.empty() ? "none" : state, count);
  out->End('}');
}

void AddDag(const DagGlance& dag, const Identity& who, JsonText* out) {
  const bool can_edit = who.CanOnDag(Action::kEdit, dag.dag_id);
  const std::string schedule = dag.schedule.empty() ? "None" : dag.schedule;
  out->Begin('{')
      .Field("dag_id", dag.dag_id)
      .Field("display_name", dag.display_name)
      .Field("description", dag.description)
      .Field("is_paused", dag.is_paused)
      .Field("is_active", dag.is_active)
      .List("owners", dag.owners)
      .List("tags", dag.tags)
      .Field("schedule", schedule)
      .Field("timetable_description", schedule)
      .Field("file", dag.file)
      .Field("has_import_errors", dag.has_import_errors)
      .Field("next_run", dag.next_run)
      .Field("next_logical_date", dag.next_logical_date)
      .Field("can_edit", can_edit)
      .Field("can_trigger", can_edit && who.Can(Action::kCreate, resource::kDagRun))
      .Field("can_delete", who.CanOnDag(Action::kDelete, dag.dag_id));
  AddRuns(dag, out);
  AddStates("task_states", dag.task_states, out);
  AddStates("run_states", dag.run_states, out);
  out->End('}');
}

HttpResponse ListDags(ApiCall& call) {
  const auto overview = call.overview();
  if (!overview.ok()) return ErrorResponse(overview.error());
  const auto dags = (*overview)->Dags(kRunsOfList);
  if (!dags.ok()) return ErrorResponse(dags.error());
  JsonText out;
  out.Begin('{').Key("dags").Begin('[');
  for (const DagGlance& dag : *dags) {
    if (call.who().CanOnDag(Action::kRead, dag.dag_id)) AddDag(dag, call.who(), &out);
  }
  out.End(']').End('}');
  return {200, "application/json", out.Take()};
}

}  // namespace

void AddUiDagRoutes(ApiRoutes* routes) {
  routes->Add({"GET",
               "/api/v1/ui/dags",
               "ui_dags",
               "All DAGs with their newest runs",
               {{Action::kRead, resource::kDag},
                {Action::kRead, resource::kDagRun},
                {Action::kRead, resource::kTaskInstance}},
               {},
               "",
               "UiDags"},
              ListDags);
}

}  // namespace beeflow
