#include "api/v2_routes.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "api/v2_shapes.h"
#include "http/web_client.h"

namespace beeflow {
namespace {

struct V2Route {
  const char* method;
  const char* path;     // below /api/v2
  const char* v1_path;  // below /api/v1, with as many fields, in the same order
  Json (*translate)(Json) = nullptr;
  const char* list = "";     // of objects to translate; "": there is one object
  const char* v2_list = "";  // where it has another name
  int status = 0;            // of success, where it is another
};

constexpr V2Route kRoutes[] = {
    {"GET", "/monitor/health", "/health"},
    {"GET", "/version", "/version"},
    {"GET", "/config", "/config"},
    {"GET", "/config/section/{section}/option/{option}",
     "/config/section/{section}/option/{option}"},
    {"GET", "/plugins", "/plugins"},
    {"GET", "/providers", "/providers"},
    {"GET", "/dags", "/dags", DagToV2, "dags"},
    {"GET", "/dags/{dag_id}", "/dags/{dag_id}", DagToV2},
    {"PATCH", "/dags/{dag_id}", "/dags/{dag_id}", DagToV2},
    {"DELETE", "/dags/{dag_id}", "/dags/{dag_id}"},
    {"GET", "/dags/{dag_id}/dagRuns", "/dags/{dag_id}/dagRuns", RunToV2, "dag_runs"},
    {"POST", "/dags/{dag_id}/dagRuns", "/dags/{dag_id}/dagRuns", RunToV2},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}", "/dags/{dag_id}/dagRuns/{dag_run_id}", RunToV2},
    {"PATCH", "/dags/{dag_id}/dagRuns/{dag_run_id}", "/dags/{dag_id}/dagRuns/{dag_run_id}",
     RunToV2},
    {"DELETE", "/dags/{dag_id}/dagRuns/{dag_run_id}", "/dags/{dag_id}/dagRuns/{dag_run_id}"},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances", TaskToV2, "task_instances"},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}", TaskToV2},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/listMapped",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/listMapped", TaskToV2,
     "task_instances"},
    {"PATCH", "/dags", "/dags", DagToV2, "dags"},
    {"GET", "/dags/{dag_id}/details", "/dags/{dag_id}/details", DagToV2},
    {"GET", "/dags/{dag_id}/tasks", "/dags/{dag_id}/tasks", TaskOfDagToV2, "tasks"},
    {"GET", "/dags/{dag_id}/tasks/{task_id}", "/dags/{dag_id}/tasks/{task_id}", TaskOfDagToV2},
    {"GET", "/dagSources/{dag_id}", "/dagSources/{file_token}"},
    {"PUT", "/parseDagFile/{file_token}", "/parseDagFile/{file_token}"},
    {"GET", "/dagStats", "/dagStats", DagStatsToV2, "dags"},
    {"POST", "/dags/~/dagRuns/list", "/dags/~/dagRuns/list", RunToV2, "dag_runs"},
    {"POST", "/dags/{dag_id}/clearTaskInstances", "/dags/{dag_id}/clearTaskInstances",
     TaskReferenceToV2, "task_instances"},
    {"POST", "/dags/{dag_id}/dagRuns/{dag_run_id}/clear",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/clear", ClearedRunToV2},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamAssetEvents",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamDatasetEvents", AssetEventToV2, "dataset_events",
     "asset_events"},
    {"POST", "/dags/~/dagRuns/~/taskInstances/list", "/dags/~/dagRuns/~/taskInstances/list",
     TaskToV2, "task_instances"},
    {"PATCH", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}", TaskToV2},
    {"PATCH", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}", TaskToV2},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries", TaskToV2,
     "task_instances"},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries/{task_try_number}",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries/{task_try_number}",
     TaskToV2},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/dependencies",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/dependencies"},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/links",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/links"},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{task_try_number}", LogToV2},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries", XComToV2,
     "xcom_entries"},
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries/{xcom_key}",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries/{xcom_key}",
     XComToV2},
    // After those whose last part is a word.
    {"GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}",
     "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}", TaskToV2},
    {"GET", "/dags/{dag_id}/assets/queuedEvents", "/dags/{dag_id}/datasets/queuedEvent",
     QueuedEventsToV2},
    {"DELETE", "/dags/{dag_id}/assets/queuedEvents", "/dags/{dag_id}/datasets/queuedEvent"},
    {"GET", "/dags/{dag_id}/assets/{asset_id}/queuedEvents",
     "/dags/{dag_id}/datasets/queuedEvent/{uri}"},
    {"DELETE", "/dags/{dag_id}/assets/{asset_id}/queuedEvents",
     "/dags/{dag_id}/datasets/queuedEvent/{uri}"},
    {"GET", "/assets/{asset_id}/queuedEvents", "/datasets/queuedEvent/{uri}", QueuedEventsToV2},
    {"DELETE", "/assets/{asset_id}/queuedEvents", "/datasets/queuedEvent/{uri}"},
    {"GET", "/pools", "/pools"},
    {"POST", "/pools", "/pools", nullptr, "", "", 201},
    {"GET", "/pools/{pool_name}", "/pools/{pool_name}"},
    {"PATCH", "/pools/{pool_name}", "/pools/{pool_name}"},
    {"DELETE", "/pools/{pool_name}", "/pools/{pool_name}"},
    {"GET", "/variables", "/variables", VariableToV2, "variables"},
    {"POST", "/variables", "/variables", VariableToV2, "", "", 201},
    {"GET", "/variables/{variable_key}", "/variables/{variable_key}", VariableToV2},
    {"PATCH", "/variables/{variable_key}", "/variables/{variable_key}", VariableToV2},
    {"DELETE", "/variables/{variable_key}", "/variables/{variable_key}"},
    {"GET", "/connections", "/connections", ConnectionToV2, "connections"},
    {"POST", "/connections", "/connections", ConnectionToV2, "", "", 201},
    {"POST", "/connections/test", "/connections/test"},
    {"GET", "/connections/{connection_id}", "/connections/{connection_id}", ConnectionToV2},
    {"PATCH", "/connections/{connection_id}", "/connections/{connection_id}", ConnectionToV2},
    {"DELETE", "/connections/{connection_id}", "/connections/{connection_id}"},
    {"GET", "/assets", "/datasets", AssetToV2, "datasets", "assets"},
    {"GET", "/assets/events", "/datasets/events", AssetEventToV2, "dataset_events", "asset_events"},
    {"POST", "/assets/events", "/datasets/events", AssetEventToV2},
    {"GET", "/assets/{asset_id}", "/datasets/{uri}", AssetToV2},
    {"GET", "/importErrors", "/importErrors", ImportErrorToV2, "import_errors"},
    {"GET", "/importErrors/{import_error_id}", "/importErrors/{import_error_id}", ImportErrorToV2},
    {"GET", "/dagWarnings", "/dagWarnings", WarningToV2, "dag_warnings"},
    {"GET", "/eventLogs", "/eventLogs", EventLogToV2, "event_logs"},
    {"GET", "/eventLogs/{event_log_id}", "/eventLogs/{event_log_id}", EventLogToV2},
};

// Parameters of queries, new and old.
constexpr std::pair<const char*, const char*> kParameters[] = {
    {"logical_date_gte", "execution_date_gte"},
    {"logical_date_lte", "execution_date_lte"},
    {"exclude_stale", "only_active"},
    {"asset_id", "dataset_id"},
};

// Fields that order_by may name, new and old.
constexpr std::pair<const char*, const char*> kOrders[] = {
    {"logical_date", "execution_date"}, {"run_after", "execution_date"}, {"name", "uri"}};

constexpr const char* kV1 = "/api/v1";
constexpr const char* kV2 = "/api/v2";

// A path without the names of its fields: the two versions may differ in them.
std::string Unnamed(const std::string& path) {
  std::string out;
  bool in_field = false;
  for (const char c : path) {
    if (c == '}') in_field = false;
    if (!in_field) out += c;
    if (c == '{') in_field = true;
  }
  return out;
}

const Operation* FindV1(const std::vector<Operation>& operations, const V2Route& route) {
  const std::string path = Unnamed(std::string(kV1) + route.v1_path);
  for (const Operation& operation : operations) {
    if (operation.method == route.method && Unnamed(operation.path) == path) return &operation;
  }
  return nullptr;
}

bool HasParameter(const Operation& operation, const std::string& name) {
  return std::any_of(operation.query.begin(), operation.query.end(),
                     [&](const Parameter& known) { return known.name == name; });
}

std::string OldName(const std::string& name, const Operation& operation) {
  for (const auto& [newer, older] : kParameters) {
    if (name == newer && HasParameter(operation, older)) return older;
  }
  return name;
}

std::string OldOrder(const std::string& order, const V2Route& route) {
  const bool down = order.starts_with('-');
  const std::string field = order.substr(down ? 1 : 0);
  for (const auto& [newer, older] : kOrders) {
    const bool is_asset = std::string_view(older) == "uri";
    if (field == newer && is_asset == (std::string_view(route.path) == "/assets")) {
      return (down ? "-" : "") + std::string(older);
    }
  }
  return order;
}

// The path with the values of the fields that the request has for the newer one.
std::string OldPath(const V2Route& route, const HttpRequest& request) {
  std::vector<std::string> values;
  const std::string_view newer = route.path;
  for (size_t at = newer.find('{'); at != std::string_view::npos; at = newer.find('{', at + 1)) {
    const size_t end = newer.find('}', at);
    values.push_back(request.Field(std::string(newer.substr(at + 1, end - at - 1))));
  }
  std::string path = kV1;
  size_t next = 0;
  bool in_field = false;
  for (const char c : std::string_view(route.v1_path)) {
    if (c == '{') path += EncodeUrlPart(values.at(next++));
    in_field = c == '{' || (in_field && c != '}');
    if (!in_field && c != '}') path += c;
  }
  return path;
}

// In version 2 what a PATCH does not name stays; in version 1 update_mask says so.
void AddMask(HttpRequest* request, const Json& body) {
  std::string mask;
  for (const auto& [name, value] : body.items()) {
    if (name == "key" || name == "connection_id") continue;  // of the path; they cannot change
    mask += (mask.empty() ? "" : ",") + name;
  }
  if (!mask.empty()) request->query.emplace("update_mask", mask);
}

void TranslateBody(const V2Route& route, const Operation& operation, HttpRequest* request) {
  auto body = ParseJson(request->body);
  if (!body.ok() || !body->is_object()) return;  // which the handler tells
  if (operation.id == "patch_pool" && body->contains("pool")) {
    (*body)["name"] = (*body)["pool"];
    body->erase("pool");
  }
  if (body->value("run_after", Json(false)).is_null()) body->erase("run_after");
  if (operation.id.ends_with("_batch")) {
    Json older = Json::object();
    for (auto& [name, value] : body->items()) {
      const bool is_date = name.starts_with("logical_date");
      older[is_date ? "execution" + name.substr(sizeof "logical" - 1) : name] = value;
    }
    *body = std::move(older);
  }
  if (std::string_view(route.method) == "PATCH" && HasParameter(operation, "update_mask") &&
      !request->Query("update_mask")) {
    AddMask(request, *body);
  }
  request->body = DumpJson(*body);
}

HttpRequest ToV1(const V2Route& route, const Operation& operation, const HttpRequest& request) {
  HttpRequest older = request;
  older.path = OldPath(route, request);
  older.query.clear();
  for (const auto& [name, value] : request.query) {
    older.query.emplace(OldName(name, operation),
                        name == "order_by" ? OldOrder(value, route) : value);
  }
  constexpr const char* kLimit = "50";
  if (HasParameter(operation, "limit") && !request.Query("limit")) {
    older.query.emplace("limit", kLimit);
  }
  if (operation.id == "get_xcom_entry" && !request.Query("stringify")) {
    older.query.emplace("stringify", "false");
  }
  if (operation.id == "get_log") older.headers["accept"] = "application/json";
  TranslateBody(route, operation, &older);
  return older;
}

void TranslateAnswer(const V2Route& route, HttpResponse* response) {
  if (response->status < 200 || response->status >= 300) return;
  if (route.status != 0) response->status = route.status;
  if (!route.translate) return;
  auto json = ParseJson(response->body);
  if (!json.ok() || !json->is_object()) return;
  const std::string list = route.list;
  if (list.empty()) {
    *json = route.translate(std::move(*json));
  } else {
    Json items = std::move((*json)[list]);
    for (Json& item : items) item = route.translate(std::move(item));
    json->erase(list);
    (*json)[*route.v2_list != '\0' ? route.v2_list : list] = std::move(items);
  }
  response->body = DumpJson(*json) + "\n";
}

// The URI of the asset with this id: version 1 knows datasets by their URI.
std::optional<std::string> FindAssetUri(const HttpRouter& v1, HttpRequest request,
                                        const std::string& id) {
  constexpr int64_t kPage = 1000;
  request.method = "GET";
  request.body.clear();
  for (int64_t offset = 0;; offset += kPage) {
    request.path = std::string(kV1) + "/datasets";
    request.query = {{"limit", std::to_string(kPage)}, {"offset", std::to_string(offset)}};
    const HttpResponse response = v1.Dispatch(&request);
    const auto page = ParseJson(response.body);
    if (response.status != 200 || !page.ok()) return std::nullopt;
    for (const Json& dataset : page->value("datasets", Json::array())) {
      if (DumpJson(dataset["id"]) == id) return dataset["uri"].get<std::string>();
    }
    if (offset + kPage >= page->value("total_entries", int64_t{0})) return std::nullopt;
  }
}

// Puts the URI in the place of the asset's id, in the path or in the body. False where there is no
// such asset.
bool NameAsset(const HttpRouter& v1, HttpRequest* request) {
  const auto in_path = request->fields.find("asset_id");
  if (in_path != request->fields.end()) {
    const auto uri = FindAssetUri(v1, *request, in_path->second);
    if (uri) in_path->second = *uri;
    return uri.has_value();
  }
  auto body = ParseJson(request->body);
  if (request->method != "POST" || !body.ok() || !body->is_object() ||
      !body->contains("asset_id")) {
    return true;
  }
  const auto uri = FindAssetUri(v1, *request, DumpJson((*body)["asset_id"]));
  if (!uri) return false;
  body->erase("asset_id");
  (*body)["dataset_uri"] = *uri;
  request->body = DumpJson(*body);
  return true;
}

// A PATCH of version 2 may set a state, or new_state, and a note: two requests of version 1. The
// answer is the thing as it is then.
HttpResponse PatchStateAndNote(const HttpRouter& v1, const V2Route& route,
                               const HttpRequest& request) {
  const auto body = ParseJson(request.body);
  if (!body.ok() || !body->is_object()) {
    return ErrorResponse(Invalid("the body must be a JSON object"));
  }
  HttpRequest older = request;
  older.path = OldPath(route, request);
  const std::string path = older.path;
  Json state = *body;
  const bool has_note = state.erase("note") > 0;
  if (!state.empty() || !has_note) {
    if (state.contains("new_state")) state["dry_run"] = false;
    older.body = DumpJson(state);
    HttpResponse marked = v1.Dispatch(&older);
    if (marked.status != 200) return marked;
  }
  if (has_note) {
    older.path = path + "/setNote";
    older.body = DumpJson({{"note", (*body)["note"]}});
    HttpResponse noted = v1.Dispatch(&older);
    if (noted.status != 200) return noted;
  }
  older.path = path;
  older.method = "GET";
  older.query.clear();
  older.body.clear();
  return v1.Dispatch(&older);
}

HttpResponse Answer(const HttpRouter& v1, const V2Route& route, const Operation& operation,
                    HttpRequest request) {
  if (!NameAsset(v1, &request)) return ErrorResponse(NotFound("there is no such asset"));
  const bool has_state = operation.id == "update_dag_run_state" ||
                         operation.id == "patch_task_instance" ||
                         operation.id == "patch_mapped_task_instance";
  if (has_state) {
    HttpResponse response = PatchStateAndNote(v1, route, request);
    TranslateAnswer(route, &response);
    return response;
  }
  HttpRequest older = ToV1(route, operation, request);
  HttpResponse response = v1.Dispatch(&older);
  TranslateAnswer(route, &response);
  return response;
}

}  // namespace

void AddV2Routes(const std::vector<Operation>& operations, HttpRouter* router) {
  const auto v1 = std::make_shared<const HttpRouter>(*router);
  for (const V2Route& route : kRoutes) {
    const Operation* operation = FindV1(operations, route);
    if (!operation) continue;
    router->Add(route.method, std::string(kV2) + route.path,
                [&route, v1, v1_operation = *operation](const HttpRequest& request) {
                  return Answer(*v1, route, v1_operation, request);
                });
  }
}

}  // namespace beeflow
