// dagRuns: list, one, triggering
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"
#include "ports/manual_run.h"

namespace beeflow {
namespace {

Status ReadStates(QueryReader* query, std::vector<RunState>* states) {
  for (const std::string& name : query->Texts("state")) {
    const auto state = ParseRunState(name);
    if (!state) {
      return Invalid("query parameter state: '" + name +
                     "' is no state of a run; use queued, running, success or failed");
    }
    states->push_back(*state);
  }
  return Ok();
}

Result<Json> ListRuns(ApiCall& call) {
  const HttpRequest& request = call.request();
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  const std::string& dag_id = request.Field("dag_id");
  QueryReader query(request);
  RunFilter filter;
  filter.limit = query.Limit();
  filter.offset = query.Offset();
  filter.logical_date_from = query.OptionalTime("execution_date_gte");
  filter.logical_date_to = query.OptionalTime("execution_date_lte");
  BEEFLOW_RETURN_IF_ERROR(ReadStates(&query, &filter.states));
  const std::string order = query.Text("order_by").value_or("execution_date");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  filter.newest_first = order[0] == '-';
  const std::string column = filter.newest_first ? order.substr(1) : order;
  if (column != "execution_date" && column != "logical_date" && column != "id") {
    return Invalid("query parameter order_by: '" + order +
                   "' must be execution_date or -execution_date");
  }
  if (dag_id != "~") {  // Airflow's word for all DAGs
    BEEFLOW_RETURN_IF_ERROR(catalog->Dag(dag_id));
    filter.dag_id = dag_id;
  } else if (!call.who().Can(Action::kRead, resource::kDag)) {
    return Invalid("name a DAG: " + call.who().username + " may not read all of them");
  }
  BEEFLOW_ASSIGN_OR_RETURN(const auto runs, catalog->Runs(filter));
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t total, catalog->CountRuns(filter));
  Json list = Json::array();
  for (const RunRecord& run : runs) list.push_back(ToJson(run));
  return Collection("dag_runs", list, total);
}

Result<Json> GetRun(ApiCall& call) {
  const HttpRequest& request = call.request();
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run,
                           catalog->Run({request.Field("dag_id"), request.Field("run_id")}));
  return ToJson(run);
}

Result<ManualRun> ReadManualRun(const HttpRequest& request) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json body,
      ReadBody(request, {"dag_run_id", "logical_date", "execution_date", "data_interval_start",
                         "data_interval_end", "conf", "note"}));
  JsonReader in(body, "the body");
  ManualRun run;
  run.run_id = in.OptionalString("dag_run_id");
  run.logical_date = in.OptionalTime("logical_date");
  const auto execution_date = in.OptionalTime("execution_date");  // the older name
  const auto start = in.OptionalTime("data_interval_start");
  const auto end = in.OptionalTime("data_interval_end");
  const Json& conf = in.Raw("conf");
  if (!conf.is_null() && !conf.is_object()) in.Fail("conf must be an object");
  if (run.logical_date && execution_date && *run.logical_date != *execution_date) {
    in.Fail("logical_date and execution_date differ; send one of them");
  }
  if (start.has_value() != end.has_value() || (start && *end < *start)) {
    in.Fail("data_interval_start and data_interval_end must both be there, in this order");
  }
  BEEFLOW_RETURN_IF_ERROR(in.status());
  if (!run.logical_date) run.logical_date = execution_date;
  if (start) run.interval = DataInterval{*start, *end};
  if (conf.is_object()) run.conf = DumpJson(conf);
  return run;
}

Result<Json> TriggerRun(ApiCall& call) {
  const HttpRequest& request = call.request();
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  const std::string& dag_id = request.Field("dag_id");
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, catalog->Dag(dag_id));
  if (!dag.record.is_active) {
    return NotFound("DAG '" + dag_id + "' is not active: " + dag.record.file +
                    " no longer defines it");
  }
  if (dag.has_import_errors) {
    return Invalid("DAG '" + dag_id + "' cannot be triggered: " + dag.record.file +
                   " cannot be imported; see /api/v1/importErrors");
  }
  BEEFLOW_ASSIGN_OR_RETURN(const ManualRun wanted, ReadManualRun(request));
  BEEFLOW_ASSIGN_OR_RETURN(const auto model, catalog->Model(dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(RunRecord run, NewManualRun(*model, wanted, call.Now()));
  if (!run.interval) {
    BEEFLOW_ASSIGN_OR_RETURN(run.interval,
                             call.context().options().ask_manual_interval(
                                 {dag_id, dag.record.file, dag.record.dag_hash, run.logical_date}));
  }
  RunRecord stored;
  AuditNote note{"trigger", dag_id, run.key.run_id};
  note.extra = run.conf;
  BEEFLOW_RETURN_IF_ERROR(call.Write(note, [&](Catalog* edited) -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(stored, edited->CreateRun(run));
    return Ok();
  }));
  return ToJson(stored);
}

}  // namespace

void AddRunRoutes(ApiRoutes* routes) {
  const std::string runs = "/api/v1/dags/{dag_id}/dagRuns";
  const std::vector<Permission> read = {{Action::kRead, resource::kDag},
                                        {Action::kRead, resource::kDagRun}};
  const std::vector<Permission> create = {{Action::kEdit, resource::kDag},
                                          {Action::kCreate, resource::kDagRun}};
  routes->AddJson(
      {"GET", runs, "get_dag_runs", "List the runs of a DAG; of all where dag_id is ~", read,
       WithPaging({{"execution_date_gte", ParameterType::kTime, "Earliest logical date."},
                   {"execution_date_lte", ParameterType::kTime, "Latest logical date."},
                   {"state", ParameterType::kText, "Only runs in one of these states.", true},
                   {"order_by", ParameterType::kText, "execution_date or -execution_date."}}),
       "", "DAGRunCollection"},
      ListRuns);
  routes->AddJson({"POST", runs, "post_dag_run", "Trigger a run", create, {}, "DAGRun", "DAGRun"},
                  TriggerRun);
  routes->AddJson({"GET", runs + "/{run_id}", "get_dag_run", "A run", read, {}, "", "DAGRun"},
                  GetRun);
}

}  // namespace beeflow
