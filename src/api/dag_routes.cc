// dags: list, one, pausing one or several, deleting; dagStats
#include <algorithm>
#include <tuple>

#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_filters.h"
#include "api/query_reader.h"

namespace beeflow {
namespace {

// SQL's LIKE with Airflow's wrapping: the pattern may stand anywhere in the id; '%' is any text,
// '_' any character. Case does not count.
bool MatchesPattern(std::string_view pattern, std::string_view text) {
  const auto lower = [](char c) {
    return (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  };
  // Greedy with one step back, as file name patterns are matched.
  const std::string wrapped = "%" + std::string(pattern) + "%";
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < wrapped.size() && wrapped[p] == '%') {
      star = p++;
      star_text = t;
    } else if (p < wrapped.size() && (wrapped[p] == '_' || lower(wrapped[p]) == lower(text[t]))) {
      ++p;
      ++t;
    } else if (star != std::string::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return wrapped.find_first_not_of('%', p) == std::string::npos;
}

struct DagFilter {
  std::optional<bool> paused;
  std::vector<std::string> tags;  // any of them
  std::string pattern;

  bool Accepts(const DagInfo& dag) const {
    if (paused && dag.record.is_paused != *paused) return false;
    if (!MatchesPattern(pattern, dag.record.dag_id)) return false;
    return tags.empty() || std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) {
             return std::find(dag.tags.begin(), dag.tags.end(), tag) != dag.tags.end();
           });
  }
};

// A field of a DAG that lists can be ordered by.
struct DagOrder {
  const char* name;
  Json (*value)(const DagInfo& dag);
};

const DagOrder kDagOrders[] = {
    {"dag_id", [](const DagInfo& dag) { return Json(dag.record.dag_id); }},
    {"dag_display_name", [](const DagInfo& dag) { return Json(dag.record.dag_id); }},
    {"description", [](const DagInfo& dag) { return Json(dag.description); }},
    {"fileloc", [](const DagInfo& dag) { return Json(dag.record.file); }},
    {"has_import_errors", [](const DagInfo& dag) { return Json(dag.has_import_errors); }},
    {"is_active", [](const DagInfo& dag) { return Json(dag.record.is_active); }},
    {"is_paused", [](const DagInfo& dag) { return Json(dag.record.is_paused); }},
    {"last_parsed_time", [](const DagInfo& dag) { return ToJson(dag.last_parsed); }},
    {"max_active_runs", [](const DagInfo& dag) { return Json(dag.max_active_runs); }},
    {"max_active_tasks", [](const DagInfo& dag) { return Json(dag.max_active_tasks); }},
    {"next_dagrun", [](const DagInfo& dag) { return ToJson(dag.record.next_logical_date); }},
    {"next_dagrun_create_after",
     [](const DagInfo& dag) { return ToJson(dag.record.next_create_after); }},
};

Result<const DagOrder*> FindOrder(const std::string& field) {
  std::string names;
  for (const DagOrder& order : kDagOrders) {
    if (field == order.name) return &order;
    names += (names.empty() ? "" : ", ") + std::string(order.name);
  }
  return Invalid("query parameter order_by: '" + field + "' must be one of " + names +
                 ", with - before it for the reverse");
}

// Equal ones come in the order of their ids.
Status Order(const std::string& order_by, std::vector<DagInfo>* dags) {
  const bool reverse = !order_by.empty() && order_by[0] == '-';
  BEEFLOW_ASSIGN_OR_RETURN(const DagOrder* order,
                           FindOrder(reverse ? order_by.substr(1) : order_by));
  std::vector<std::tuple<Json, std::string, size_t>> keys;
  keys.reserve(dags->size());
  for (size_t i = 0; i < dags->size(); ++i) {
    keys.emplace_back(order->value((*dags)[i]), (*dags)[i].record.dag_id, i);
  }
  std::sort(keys.begin(), keys.end());
  if (reverse) std::reverse(keys.begin(), keys.end());
  std::vector<DagInfo> ordered;
  ordered.reserve(dags->size());
  for (const auto& [value, id, i] : keys) ordered.push_back(std::move((*dags)[i]));
  *dags = std::move(ordered);
  return Ok();
}

// Those that pass the filter and that the caller may do this with.
Result<std::vector<DagInfo>> FindDags(ApiCall& call, bool only_active, const DagFilter& filter,
                                      Action action) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<DagInfo> dags, catalog->Dags(only_active));
  std::erase_if(dags, [&](const DagInfo& dag) {
    return !filter.Accepts(dag) || !call.who().CanOnDag(action, dag.record.dag_id);
  });
  return dags;
}

Result<Json> ListDags(ApiCall& call) {
  QueryReader query(call.request());
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  const bool only_active = query.Boolean("only_active").value_or(true);
  const DagFilter filter{query.Boolean("paused"), query.Texts("tags"),
                         query.Text("dag_id_pattern").value_or("")};
  const std::string order_by = query.Text("order_by").value_or("dag_id");
  const std::vector<std::string> fields = query.Texts("fields");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<DagInfo> dags,
                           FindDags(call, only_active, filter, Action::kRead));
  BEEFLOW_RETURN_IF_ERROR(Order(order_by, &dags));
  Json list = Json::array();
  for (const DagInfo& dag : Page(dags, offset, limit)) {
    BEEFLOW_ASSIGN_OR_RETURN(Json chosen, OnlyFields(ToJson(dag), fields));
    list.push_back(std::move(chosen));
  }
  return Collection("dags", list, static_cast<int64_t>(dags.size()));
}

Result<Json> CountStates(Catalog* catalog, const std::string& dag_id) {
  Json counts = Json::array();
  for (const RunState state :
       {RunState::kQueued, RunState::kRunning, RunState::kSuccess, RunState::kFailed}) {
    RunFilter filter;
    filter.dag_id = dag_id;
    filter.states = {state};
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t count, catalog->CountRuns(filter));
    counts.push_back({{"state", ToString(state)}, {"count", count}});
  }
  return counts;
}

// How many runs of each state the DAGs have.
Result<Json> ListDagStats(ApiCall& call) {
  QueryReader query(call.request());
  std::vector<std::string> ids = query.Texts("dag_ids");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  if (ids.empty()) {
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<DagInfo> dags, catalog->Dags(/*only_active=*/true));
    for (const DagInfo& dag : dags) ids.push_back(dag.record.dag_id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  Json list = Json::array();
  for (const std::string& id : ids) {
    if (!call.who().CanOnDag(Action::kRead, id) || !catalog->Dag(id).ok()) continue;
    BEEFLOW_ASSIGN_OR_RETURN(Json counts, CountStates(catalog, id));
    list.push_back({{"dag_id", id}, {"stats", std::move(counts)}});
  }
  const auto total = static_cast<int64_t>(list.size());
  return Collection("dags", std::move(list), total);
}

Result<Json> GetDag(ApiCall& call) {
  QueryReader query(call.request());
  const std::vector<std::string> fields = query.Texts("fields");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, catalog->Dag(call.Field("dag_id")));
  return OnlyFields(ToJson(dag), fields);
}

// What a PATCH wants is_paused to be; nothing else of a DAG can be changed.
Result<bool> ReadPaused(QueryReader* query, const HttpRequest& request) {
  const std::vector<std::string> mask = query->Texts("update_mask");
  BEEFLOW_RETURN_IF_ERROR(query->Finish());
  if (std::any_of(mask.begin(), mask.end(),
                  [](const auto& field) { return field != "is_paused"; })) {
    return Invalid("query parameter update_mask: only is_paused can change");
  }
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(request, {"is_paused"}));
  JsonReader in(body, "the body");
  const auto paused = in.OptionalBoolean("is_paused");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  if (!paused) return Invalid("the body lacks is_paused: send {\"is_paused\": true} or false");
  return *paused;
}

Result<Json> PatchDag(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  const std::string& dag_id = call.Field("dag_id");
  QueryReader query(call.request());
  BEEFLOW_ASSIGN_OR_RETURN(const bool paused, ReadPaused(&query, call.request()));
  BEEFLOW_RETURN_IF_ERROR(
      call.Write({paused ? "paused" : "unpaused", dag_id},
                 [&](Catalog* edited) { return edited->SetPaused(dag_id, paused); }));
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, catalog->Dag(dag_id));
  return ToJson(dag);
}

Result<Json> PatchDags(ApiCall& call) {
  QueryReader query(call.request());
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  const bool only_active = query.Boolean("only_active").value_or(true);
  const auto pattern = query.Text("dag_id_pattern");
  const DagFilter filter{std::nullopt, query.Texts("tags"),
                         pattern == "~" ? "" : pattern.value_or("")};
  BEEFLOW_ASSIGN_OR_RETURN(const bool paused, ReadPaused(&query, call.request()));
  if (!pattern) {
    return Invalid(
        "query parameter dag_id_pattern is missing: give a part of the ids, or ~ for "
        "all DAGs");
  }
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<DagInfo> dags,
                           FindDags(call, only_active, filter, Action::kEdit));
  std::vector<AuditNote> notes;
  Json list = Json::array();
  for (DagInfo& dag : Page(dags, offset, limit)) {
    notes.push_back({paused ? "paused" : "unpaused", dag.record.dag_id});
    dag.record.is_paused = paused;
    list.push_back(ToJson(dag));
  }
  const Status written = call.Write(notes, [&](Catalog* edited) -> Status {
    for (const AuditNote& note : notes) {
      BEEFLOW_RETURN_IF_ERROR(edited->SetPaused(note.dag_id, paused));
    }
    return Ok();
  });
  if (!written.ok()) return written.error();
  return Collection("dags", list, static_cast<int64_t>(dags.size()));
}

Result<Json> DeleteDag(ApiCall& call) {
  const std::string& dag_id = call.Field("dag_id");
  BEEFLOW_RETURN_IF_ERROR(call.Write({"delete_dag", dag_id},
                                     [&](Catalog* edited) { return edited->DeleteDag(dag_id); }));
  return Json();
}

}  // namespace

void AddDagRoutes(ApiRoutes* routes) {
  const std::string dags = "/api/v1/dags";
  const std::vector<Permission> read = {{Action::kRead, resource::kDag}};
  const std::vector<Permission> edit = {{Action::kEdit, resource::kDag}};
  const Parameter fields{"fields", ParameterType::kText, "Only these fields.", true};
  const Parameter mask{"update_mask", ParameterType::kText, "Fields to change.", true};
  const Parameter tags{"tags", ParameterType::kText, "Only those with one of these tags.", true};
  const Parameter active{"only_active", ParameterType::kBoolean,
                         "Leave out DAGs whose file is gone."};
  const Parameter pattern{"dag_id_pattern", ParameterType::kText,
                          "A part of the id; % is any text."};
  routes->AddJson(
      {"GET", dags, "get_dags", "List DAGs", read,
       WithPaging({active,
                   {"paused", ParameterType::kBoolean, "Only those that are paused, or not."},
                   tags,
                   pattern,
                   {"order_by", ParameterType::kText, "A field, with - before it in reverse."},
                   fields}),
       "", "DAGCollection"},
      ListDags);
  routes->AddJson({"PATCH", dags, "patch_dags", "Pause or unpause several DAGs", edit,
                   WithPaging({active, tags, pattern, mask}), "DAG", "DAGCollection"},
                  PatchDags);
  routes->AddJson({"GET", dags + "/{dag_id}", "get_dag", "A DAG", read, {fields}, "", "DAG"},
                  GetDag);
  routes->AddJson({"PATCH",
                   dags + "/{dag_id}",
                   "patch_dag",
                   "Pause or unpause a DAG",
                   edit,
                   {mask},
                   "DAG",
                   "DAG"},
                  PatchDag);
  routes->AddJson({"DELETE",
                   dags + "/{dag_id}",
                   "delete_dag",
                   "Delete all that is known of a DAG",
                   {{Action::kDelete, resource::kDag}},
                   {},
                   "",
                   "",
                   204},
                  DeleteDag);
  routes->AddJson(
      {"GET",
       "/api/v1/dagStats",
       "get_dag_stats",
       "How many runs of each state DAGs have",
       {{Action::kRead, resource::kDag}, {Action::kRead, resource::kDagRun}},
       {{"dag_ids", ParameterType::kText, "Of which DAGs; all that are active without it."}},
       "",
       "DagStatsCollectionSchema"},
      ListDagStats);
}

}  // namespace beeflow
