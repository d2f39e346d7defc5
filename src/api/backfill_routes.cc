// backfills, as Airflow 3 has them: list, one, starting, dry run, pausing, cancelling; and what the
// page of a DAG shows of them
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_reader.h"

namespace beeflow {
namespace {

Json ToJson(const BackfillInfo& info) {
  const auto conf = ParseJson(info.order.conf.value_or("{}"));
  return {{"id", info.id},
          {"dag_id", info.order.dag_id},
          {"dag_display_name", info.order.dag_id},
          {"from_date", FormatIso(info.order.from)},
          {"to_date", FormatIso(info.order.to)},
          {"dag_run_conf", conf.ok() ? *conf : Json::object()},
          {"is_paused", info.is_paused},
          {"reprocess_behavior", ToString(info.order.reprocess)},
          {"max_active_runs", info.order.max_active_runs},
          {"created_at", FormatIso(info.created_at)},
          {"completed_at", beeflow::ToJson(info.completed_at)},
          {"updated_at", FormatIso(info.updated_at)}};
}

// Version 2 says 422 where version 1 says 400.
HttpResponse Refused(const Error& error) {
  if (error.code != ErrorCode::kInvalid) return ErrorResponse(error);
  return ProblemResponse(422, "Unprocessable Entity", error.message);
}

HttpResponse Answer(const Result<Json>& json) {
  return json.ok() ? JsonResponse(*json, 200) : Refused(json.error());
}

// The DAG is named by the query, the body or the backfill, where the rights of the path end.
std::optional<HttpResponse> RefuseDag(const ApiCall& call, Action action,
                                      const std::string& dag_id) {
  if (call.who().CanOnDag(action, dag_id)) return std::nullopt;
  return ProblemResponse(403, "Forbidden",
                         call.who().username + " lacks the permission " +
                             std::string(ToString(action)) + " on DAG " + dag_id);
}

Result<BackfillInfo> Find(ApiCall& call) {
  const std::string& text = call.Field("backfill_id");
  const bool is_number = !text.empty() && text.size() <= 18 &&
                         text.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) return Invalid("backfill_id '" + text + "' is no number");
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  return catalog->Backfill(std::stoll(text));
}

Result<BackfillFilter> ReadFilter(const HttpRequest& request) {
  QueryReader query(request);
  BackfillFilter filter;
  filter.dag_id = query.Text("dag_id");
  BEEFLOW_ASSIGN_OR_RETURN(const ListRange range, ReadListRange(&query, {{"id", "id"}}));
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  if (!filter.dag_id) return Invalid("query parameter dag_id is missing");
  filter.newest_first = range.descending;
  filter.offset = range.offset;
  if (request.Query("limit")) filter.limit = range.limit;
  return filter;
}

HttpResponse ListBackfills(ApiCall& call) {
  const auto filter = ReadFilter(call.request());
  if (!filter.ok()) return Refused(filter.error());
  if (auto refused = RefuseDag(call, Action::kRead, *filter->dag_id)) return *refused;
  return Answer([&]() -> Result<Json> {
    BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
    BEEFLOW_ASSIGN_OR_RETURN(const auto backfills, catalog->Backfills(*filter));
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t total, catalog->CountBackfills(*filter));
    Json list = Json::array();
    for (const BackfillInfo& info : backfills) list.push_back(ToJson(info));
    return Collection("backfills", list, total);
  }());
}

HttpResponse GetBackfill(ApiCall& call) {
  const auto info = Find(call);
  if (!info.ok()) return Refused(info.error());
  if (auto refused = RefuseDag(call, Action::kRead, info->order.dag_id)) return *refused;
  return Answer(ToJson(*info));
}

// Runs always go by the newest version of their DAG, whatever run_on_latest_version says.
Result<BackfillOrder> ReadOrder(const HttpRequest& request) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json body,
      ReadBody(request, {"dag_id", "from_date", "to_date", "run_backwards", "dag_run_conf",
                         "reprocess_behavior", "max_active_runs", "run_on_latest_version"}));
  JsonReader in(body, "the body");
  BackfillOrder order;
  order.dag_id = in.String("dag_id");
  const auto from = in.OptionalTime("from_date");
  const auto to = in.OptionalTime("to_date");
  if (order.dag_id.empty() || !from || !to) in.Fail("dag_id, from_date and to_date must be there");
  order.backwards = in.Boolean("run_backwards", false);
  const Json& conf = in.Raw("dag_run_conf");
  if (!conf.is_null() && !conf.is_object()) in.Fail("dag_run_conf must be an object");
  if (conf.is_object()) order.conf = DumpJson(conf);
  const auto reprocess = ParseReprocess(in.String("reprocess_behavior", "none"));
  if (!reprocess) in.Fail("reprocess_behavior must be none, failed or completed");
  order.max_active_runs = static_cast<int>(in.Integer("max_active_runs", 10, 1, INT32_MAX));
  (void)in.OptionalBoolean("run_on_latest_version");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  order.from = *from;
  order.to = *to;
  order.reprocess = *reprocess;
  return order;
}

HttpResponse PostBackfill(ApiCall& call) {
  auto order = ReadOrder(call.request());
  if (!order.ok()) return Refused(order.error());
  if (auto refused = RefuseDag(call, Action::kEdit, order->dag_id)) return *refused;
  order->user = call.who().username;
  return Answer([&]() -> Result<Json> {
    BackfillInfo made;
    AuditNote note{"create_backfill", order->dag_id};
    note.extra = call.request().body;
    BEEFLOW_RETURN_IF_ERROR(call.Write(note, [&](Catalog* catalog) -> Status {
      BEEFLOW_ASSIGN_OR_RETURN(made, catalog->CreateBackfill(*order, call.Now()));
      return Ok();
    }));
    return ToJson(made);
  }());
}

HttpResponse DryRunBackfill(ApiCall& call) {
  const auto order = ReadOrder(call.request());
  if (!order.ok()) return Refused(order.error());
  if (auto refused = RefuseDag(call, Action::kEdit, order->dag_id)) return *refused;
  return Answer([&]() -> Result<Json> {
    BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
    BEEFLOW_ASSIGN_OR_RETURN(const auto dates, catalog->DryRunBackfill(*order, call.Now()));
    Json list = Json::array();
    for (const Time date : dates) list.push_back({{"logical_date", FormatIso(date)}});
    return Collection("backfills", list, static_cast<int64_t>(dates.size()));
  }());
}

// An edit of the backfill that the path names; answers with it as it is then.
HttpResponse Change(ApiCall& call, const char* event,
                    const std::function<Status(Catalog*, int64_t)>& edit) {
  const auto info = Find(call);
  if (!info.ok()) return Refused(info.error());
  if (auto refused = RefuseDag(call, Action::kEdit, info->order.dag_id)) return *refused;
  AuditNote note{event, info->order.dag_id};
  note.extra = DumpJson({{"backfill_id", info->id}});
  const Status status = call.Write(note, [&](Catalog* catalog) { return edit(catalog, info->id); });
  if (!status.ok()) return Refused(status.error());
  const auto changed = Find(call);
  return changed.ok() ? Answer(ToJson(*changed)) : Refused(changed.error());
}

HttpResponse PauseBackfill(ApiCall& call) {
  return Change(call, "pause_backfill", [&](Catalog* catalog, int64_t id) {
    return catalog->SetBackfillPaused(id, true, call.Now());
  });
}

HttpResponse UnpauseBackfill(ApiCall& call) {
  return Change(call, "unpause_backfill", [&](Catalog* catalog, int64_t id) {
    return catalog->SetBackfillPaused(id, false, call.Now());
  });
}

HttpResponse CancelBackfill(ApiCall& call) {
  return Change(call, "cancel_backfill", [&](Catalog* catalog, int64_t id) {
    return catalog->CancelBackfill(id, call.Now());
  });
}

// The backfill that is going on, with how far it is.
Result<Json> UiBackfill(ApiCall& call) {
  BackfillFilter filter;
  filter.dag_id = call.Field("dag_id");
  filter.only_active = true;
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const auto backfills, catalog->Backfills(filter));
  Json answer = {{"backfill", nullptr}};
  if (backfills.empty()) return answer;
  Json json = ToJson(backfills.front());
  Json states = Json::object();
  for (const auto& [state, count] : backfills.front().runs) {
    states[std::string(ToString(state))] = count;
  }
  json["run_states"] = std::move(states);
  json["without_run"] = backfills.front().without_run;
  answer["backfill"] = std::move(json);
  return answer;
}

void AddEdits(ApiRoutes* routes, const std::string& backfill) {
  const std::vector<Permission> edit = {{Action::kEdit, resource::kDag},
                                        {Action::kEdit, resource::kBackfill}};
  struct Edit {
    const char* verb;
    const char* summary;
    HttpResponse (*handler)(ApiCall&);
  };
  for (const Edit& one :
       {Edit{"pause", "Start no more runs of a backfill", PauseBackfill},
        Edit{"unpause", "Go on with a backfill", UnpauseBackfill},
        Edit{"cancel", "Fail the queued runs of a backfill and complete it", CancelBackfill}}) {
    const std::string verb = one.verb;
    routes->Add(
        {"PUT", backfill + "/" + verb, verb + "_backfill", one.summary, edit, {}, "", "Backfill"},
        one.handler);
  }
}

}  // namespace

void AddBackfillRoutes(ApiRoutes* routes) {
  const std::string backfills = "/api/v2/backfills";
  const std::string backfill = backfills + "/{backfill_id}";
  const std::vector<Permission> read = {{Action::kRead, resource::kDag},
                                        {Action::kRead, resource::kBackfill}};
  const std::vector<Permission> create = {{Action::kEdit, resource::kDag},
                                          {Action::kCreate, resource::kBackfill}};
  routes->Add({"GET", backfills, "list_backfills", "List the backfills of a DAG", read,
               WithOrder({{"dag_id", ParameterType::kText, "The DAG; it must be given."}}), "",
               "BackfillCollection"},
              ListBackfills);
  routes->Add({"POST",
               backfills,
               "create_backfill",
               "Start a backfill",
               create,
               {},
               "BackfillPostBody",
               "Backfill"},
              PostBackfill);
  routes->Add({"POST",
               backfills + "/dry_run",
               "create_backfill_dry_run",
               "Which runs a backfill would start",
               create,
               {},
               "BackfillPostBody",
               "DryRunBackfillCollection"},
              DryRunBackfill);
  routes->Add({"GET", backfill, "get_backfill", "A backfill", read, {}, "", "Backfill"},
              GetBackfill);
  AddEdits(routes, backfill);
  routes->AddJson({"GET",
                   "/api/v1/ui/dags/{dag_id}/backfill",
                   "ui_dag_backfill",
                   "The backfill of a DAG that is going on",
                   read,
                   {},
                   "",
                   "UiDagBackfill"},
                  UiBackfill);
}

}  // namespace beeflow
