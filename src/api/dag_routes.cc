// dags: list, one, pausing
#include <algorithm>

#include "api/api_context.h"
#include "api/json_shapes.h"
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

Result<Json> ListDags(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  QueryReader query(call.request());
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  const bool only_active = query.Boolean("only_active").value_or(true);
  DagFilter filter{query.Boolean("paused"), query.Texts("tags"),
                   query.Text("dag_id_pattern").value_or("")};
  const std::string order = query.Text("order_by").value_or("dag_id");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  if (order != "dag_id" && order != "-dag_id") {
    return Invalid("query parameter order_by: '" + order + "' must be dag_id or -dag_id");
  }
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<DagInfo> dags, catalog->Dags(only_active));
  std::erase_if(dags, [&](const DagInfo& dag) {
    return !filter.Accepts(dag) || !call.who().CanOnDag(Action::kRead, dag.record.dag_id);
  });
  std::sort(dags.begin(), dags.end(),
            [](const DagInfo& a, const DagInfo& b) { return a.record.dag_id < b.record.dag_id; });
  if (order[0] == '-') std::reverse(dags.begin(), dags.end());
  Json list = Json::array();
  for (const DagInfo& dag : Page(dags, offset, limit)) list.push_back(ToJson(dag));
  return Collection("dags", list, static_cast<int64_t>(dags.size()));
}

Result<Json> GetDag(ApiCall& call) {
  const HttpRequest& request = call.request();
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, catalog->Dag(request.Field("dag_id")));
  return ToJson(dag);
}

Result<Json> PatchDag(ApiCall& call) {
  const HttpRequest& request = call.request();
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  const std::string& dag_id = request.Field("dag_id");
  QueryReader query(request);
  const std::string mask = query.Text("update_mask").value_or("is_paused");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  if (mask != "is_paused") return Invalid("query parameter update_mask: only is_paused can change");
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(request, {"is_paused"}));
  JsonReader in(body, "the body");
  const auto paused = in.OptionalBoolean("is_paused");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  if (!paused) return Invalid("the body lacks is_paused: send {\"is_paused\": true} or false");
  BEEFLOW_RETURN_IF_ERROR(
      call.Write({*paused ? "paused" : "unpaused", dag_id},
                 [&](Catalog* edited) { return edited->SetPaused(dag_id, *paused); }));
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, catalog->Dag(dag_id));
  return ToJson(dag);
}

}  // namespace

void AddDagRoutes(ApiRoutes* routes) {
  const std::vector<Permission> read = {{Action::kRead, resource::kDag}};
  const std::vector<Permission> edit = {{Action::kEdit, resource::kDag}};
  routes->AddJson(
      {"GET", "/api/v1/dags", "get_dags", "List DAGs", read,
       WithPaging({{"only_active", ParameterType::kBoolean, "Leave out DAGs whose file is gone."},
                   {"paused", ParameterType::kBoolean, "Only those that are paused, or not."},
                   {"tags", ParameterType::kText, "Only those with one of these tags.", true},
                   {"dag_id_pattern", ParameterType::kText, "A part of the id; % is any text."},
                   {"order_by", ParameterType::kText, "dag_id or -dag_id."}}),
       "", "DAGCollection"},
      ListDags);
  routes->AddJson({"GET", "/api/v1/dags/{dag_id}", "get_dag", "A DAG", read, {}, "", "DAG"},
                  GetDag);
  routes->AddJson({"PATCH",
                   "/api/v1/dags/{dag_id}",
                   "patch_dag",
                   "Pause or unpause a DAG",
                   edit,
                   {{"update_mask", ParameterType::kText, "Fields to change.", true}},
                   "DAG",
                   "DAG"},
                  PatchDag);
}

}  // namespace beeflow
