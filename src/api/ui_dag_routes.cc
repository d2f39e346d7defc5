// What the UI's list of DAGs shows, all at once.
#include <utility>

#include "api/api_context.h"
#include "api/json_shapes.h"

namespace beeflow {
namespace {

constexpr int kRunsOfList = 14;

Json RunsOf(const DagGlance& dag) {
  Json runs = Json::array();
  for (const RunGlance& run : dag.runs) {
    runs.push_back({{"run_id", run.run_id},
                    {"state", run.state},
                    {"run_type", run.type},
                    {"logical_date", ToJson(run.logical_date)},
                    {"start_date", ToJson(run.start_date)},
                    {"end_date", ToJson(run.end_date)}});
  }
  return runs;
}

Json StatesOf(const std::map<std::string, int64_t>& states) {
  Json counts = Json::object();
  for (const auto& [state, count] : states) counts[state.empty() ? "none" : state] = count;
  return counts;
}

Json DagJson(const DagGlance& dag, const Identity& who) {
  const bool can_edit = who.CanOnDag(Action::kEdit, dag.dag_id);
  const std::string schedule = dag.schedule.empty() ? "None" : dag.schedule;
  return {{"dag_id", dag.dag_id},
          {"description", dag.description},
          {"is_paused", dag.is_paused},
          {"is_active", dag.is_active},
          {"owners", dag.owners},
          {"tags", dag.tags},
          {"schedule", schedule},
          {"timetable_description", schedule},
          {"file", dag.file},
          {"has_import_errors", dag.has_import_errors},
          {"next_run", ToJson(dag.next_run)},
          {"next_logical_date", ToJson(dag.next_logical_date)},
          {"runs", RunsOf(dag)},
          {"task_states", StatesOf(dag.task_states)},
          {"run_states", StatesOf(dag.run_states)},
          {"can_edit", can_edit},
          {"can_trigger", can_edit && who.Can(Action::kCreate, resource::kDagRun)},
          {"can_delete", who.CanOnDag(Action::kDelete, dag.dag_id)}};
}

Result<Json> ListDags(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Overview * overview, call.overview());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<DagGlance> dags, overview->Dags(kRunsOfList));
  Json list = Json::array();
  for (const DagGlance& dag : dags) {
    if (call.who().CanOnDag(Action::kRead, dag.dag_id)) list.push_back(DagJson(dag, call.who()));
  }
  return Json{{"dags", std::move(list)}};
}

}  // namespace

void AddUiDagRoutes(ApiRoutes* routes) {
  routes->AddJson({"GET",
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
