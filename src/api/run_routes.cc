// dagRuns: list, batch, one, triggering, upstream dataset events
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_filters.h"
#include "api/query_reader.h"
#include "ports/manual_run.h"

namespace beeflow {
namespace {

Result<Json> AnswerRuns(ApiCall& call, const RunQuery& wanted,
                        const std::vector<std::string>& fields) {
  BEEFLOW_ASSIGN_OR_RETURN(History * history, call.history());
  BEEFLOW_ASSIGN_OR_RETURN(const auto runs, history->Runs(wanted));
  Json list = Json::array();
  for (const RunEntry& run : runs.entries) {
    BEEFLOW_ASSIGN_OR_RETURN(Json chosen, OnlyFields(ToJson(run), fields));
    list.push_back(std::move(chosen));
  }
  return Collection("dag_runs", list, runs.total);
}

Result<Json> ListRuns(ApiCall& call) {
  const std::string& dag_id = call.Field("dag_id");
  QueryReader query(call.request());
  RunQuery wanted;
  wanted.paging = ReadPaging(&query);
  wanted.logical_date = ReadRange(&query, "execution_date");
  wanted.start_date = ReadRange(&query, "start_date");
  wanted.end_date = ReadRange(&query, "end_date");
  wanted.updated_at = ReadRange(&query, "updated_at");
  const std::vector<std::string> states = query.Texts("state");
  const std::vector<std::string> fields = query.Texts("fields");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(wanted.states, ParseRunStates("query parameter state", states));
  if (dag_id != "~") {
    BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
    BEEFLOW_RETURN_IF_ERROR(catalog->Dag(dag_id));
  }
  wanted.dag_ids = Intersect(AllOrOne(dag_id), AllowedDags(call.who(), Action::kRead));
  return AnswerRuns(call, wanted, fields);
}

Result<Json> ListRunsBatch(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json body,
      ReadBody(call.request(), {"order_by", "page_offset", "page_limit", "dag_ids", "states",
                                "execution_date_gte", "execution_date_lte", "start_date_gte",
                                "start_date_lte", "end_date_gte", "end_date_lte"}));
  JsonReader in(body, "the body");
  RunQuery wanted;
  wanted.paging = ReadPaging(&in);
  wanted.logical_date = ReadRange(&in, "execution_date");
  wanted.start_date = ReadRange(&in, "start_date");
  wanted.end_date = ReadRange(&in, "end_date");
  wanted.dag_ids = Intersect(ReadChoice(&in, "dag_ids"), AllowedDags(call.who(), Action::kRead));
  const std::vector<std::string> states = in.Strings("states");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  BEEFLOW_ASSIGN_OR_RETURN(wanted.states, ParseRunStates("the body: states", states));
  return AnswerRuns(call, wanted, {});
}

RunKey KeyOf(const ApiCall& call) { return {call.Field("dag_id"), call.Field("dag_run_id")}; }

Result<Json> GetRun(ApiCall& call) {
  QueryReader query(call.request());
  const std::vector<std::string> fields = query.Texts("fields");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(History * history, call.history());
  BEEFLOW_ASSIGN_OR_RETURN(const RunEntry run, history->Run(KeyOf(call)));
  return OnlyFields(ToJson(run), fields);
}

Result<Json> UpstreamDatasetEvents(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(History * history, call.history());
  BEEFLOW_ASSIGN_OR_RETURN(auto events, history->UpstreamDatasetEvents(KeyOf(call)));
  Json list = Json::array();
  for (DatasetEventEntry& event : events) {
    HideOtherDags(call.who(), &event);
    list.push_back(ToJson(event));
  }
  return Collection("dataset_events", list, static_cast<int64_t>(events.size()));
}

struct TriggerForm {
  ManualRun run;
  std::optional<std::string> note;
};

Result<TriggerForm> ReadTriggerForm(const HttpRequest& request) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json body,
      ReadBody(request, {"dag_run_id", "logical_date", "execution_date", "data_interval_start",
                         "data_interval_end", "conf", "note"}));
  JsonReader in(body, "the body");
  TriggerForm form;
  ManualRun& run = form.run;
  run.run_id = in.OptionalString("dag_run_id");
  run.logical_date = in.OptionalTime("logical_date");
  const auto execution_date = in.OptionalTime("execution_date");  // the older name
  const auto start = in.OptionalTime("data_interval_start");
  const auto end = in.OptionalTime("data_interval_end");
  const Json& conf = in.Raw("conf");
  form.note = in.OptionalString("note");
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
  return form;
}

// kNotFound or kInvalid where it cannot be triggered.
Result<DagInfo> FindTriggerable(Catalog* catalog, const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(DagInfo dag, catalog->Dag(dag_id));
  if (!dag.record.is_active) {
    return NotFound("DAG '" + dag_id + "' is not active: " + dag.record.file +
                    " no longer defines it");
  }
  if (dag.has_import_errors) {
    return Invalid("DAG '" + dag_id + "' cannot be triggered: " + dag.record.file +
                   " cannot be imported; see /api/v1/importErrors");
  }
  return dag;
}

Result<Json> TriggerRun(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  const std::string& dag_id = call.Field("dag_id");
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, FindTriggerable(catalog, dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const TriggerForm form, ReadTriggerForm(call.request()));
  BEEFLOW_ASSIGN_OR_RETURN(const auto model, catalog->Model(dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(RunRecord run, NewManualRun(*model, form.run, call.Now()));
  if (!run.interval) {
    BEEFLOW_ASSIGN_OR_RETURN(run.interval,
                             call.context().options().ask_manual_interval(
                                 {dag_id, dag.record.file, dag.record.dag_hash, run.logical_date}));
  }
  AuditNote note{"trigger", dag_id, run.key.run_id};
  note.extra = run.conf;
  RunEntry stored;  // as it was made: it may run already when this answers
  stored.note = form.note;
  const Status written = call.Write(note, [&](Catalog* edited) -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(stored.record, edited->CreateRun(run));
    return form.note ? edited->SetRunNote(run.key, *form.note, call.Now()) : Ok();
  });
  if (!written.ok()) return written.error();
  return ToJson(stored);
}

}  // namespace

void AddRunRoutes(ApiRoutes* routes) {
  const std::string runs = "/api/v1/dags/{dag_id}/dagRuns";
  const std::vector<Permission> read = {{Action::kRead, resource::kDag},
                                        {Action::kRead, resource::kDagRun}};
  const std::vector<Permission> create = {{Action::kEdit, resource::kDag},
                                          {Action::kCreate, resource::kDagRun}};
  const Parameter fields{"fields", ParameterType::kText, "Only these fields.", true};
  std::vector<Parameter> filters =
      WithPaging(RangeParameters({"execution_date", "start_date", "end_date", "updated_at"}));
  filters.push_back({"state", ParameterType::kText, "Only runs in one of these states.", true});
  filters.push_back({"order_by", ParameterType::kText, "A field, with - before it in reverse."});
  filters.push_back(fields);
  routes->AddJson({"GET", runs, "get_dag_runs", "List the runs of a DAG; of all where dag_id is ~",
                   read, filters, "", "DAGRunCollection"},
                  ListRuns);
  routes->AddJson({"POST",
                   "/api/v1/dags/~/dagRuns/list",
                   "get_dag_runs_batch",
                   "List the runs of many DAGs",
                   read,
                   {},
                   "ListDagRunsForm",
                   "DAGRunCollection"},
                  ListRunsBatch);
  routes->AddJson({"POST", runs, "post_dag_run", "Trigger a run", create, {}, "DAGRun", "DAGRun"},
                  TriggerRun);
  routes->AddJson(
      {"GET", runs + "/{dag_run_id}", "get_dag_run", "A run", read, {fields}, "", "DAGRun"},
      GetRun);
  routes->AddJson({"GET",
                   runs + "/{dag_run_id}/upstreamDatasetEvents",
                   "get_upstream_dataset_events",
                   "The updates of datasets that started a run",
                   {{Action::kRead, resource::kDag},
                    {Action::kRead, resource::kDagRun},
                    {Action::kRead, resource::kDataset}},
                   {},
                   "",
                   "DatasetEventCollection"},
                  UpstreamDatasetEvents);
}

}  // namespace beeflow
