// What the UI shows besides DAGs: environments and their limits, and a search over all names.
#include <utility>

#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"
#include "http/web_client.h"

namespace beeflow {
namespace {

constexpr size_t kResultsMax = 20;
constexpr size_t kSearchTextMax = 250;

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json LimitsJson(const QueueLimits& limits) {
  return {{"queue", limits.queue},
          {"max_concurrency", limits.max_concurrency},
          {"memory_mb", OrNull(limits.memory_mb)},
          {"cpu_share", limits.cpu_share},
          {"timeout_seconds", OrNull(limits.timeout_seconds)},
          {"keep_alive_seconds", limits.keep_alive_seconds},
          {"sandbox", limits.sandbox}};
}

// Without what is about DAGs that the caller may not read.
Json WithoutHidden(Json environments, const Identity& who) {
  const bool sees_all = who.Can(Action::kRead, resource::kDag);
  for (Json& environment : environments) {
    if (sees_all) break;
    const Json& task = environment["task"];
    if (task.is_object() && who.CanOnDag(Action::kRead, task["dag_id"])) continue;
    environment["task"] = nullptr;
    environment["file"] = "";
  }
  return environments;
}

Json QueueJson(const std::string& name, const EngineQueue& queue) {
  return {{"queue", name},
          {"waiting", queue.waiting},
          {"running", queue.running},
          {"oldest_wait_seconds", queue.oldest_wait_seconds},
          {"workers", queue.workers},
          {"slots", queue.slots}};
}

// Of workers elsewhere.
Json QueuesJson(const EngineFigures& engine) {
  Json queues = Json::array();
  for (const auto& [name, queue] : engine.queues) queues.push_back(QueueJson(name, queue));
  return queues;
}

Result<Json> GetEnvironments(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Overview * overview, call.overview());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<StartsOfMinute> minutes,
                           overview->Starts(call.Now() - std::chrono::hours(24)));
  Json starts = Json::array();
  for (const StartsOfMinute& minute : minutes) {
    starts.push_back({{"minute", FormatIso(minute.minute)},
                      {"cold", minute.cold},
                      {"warm", minute.warm},
                      {"direct", minute.direct}});
  }
  Json limits = Json::array();
  for (const QueueLimits& queue : call.context().options().limits)
    limits.push_back(LimitsJson(queue));
  Json live = call.context().options().describe_worker();
  if (!live.is_object()) {
    live = {{"worker", nullptr},
            {"environments", Json::array()},
            {"running", {{"direct", 0}, {"python", 0}, {"container", 0}}}};
  }
  const Json workers = live.value("workers", Json::array());
  return Json{{"worker", std::move(live["worker"])},
              {"workers", workers},
              {"queues", QueuesJson(call.context().options().engine_figures())},
              {"environments", WithoutHidden(std::move(live["environments"]), call.who())},
              {"running", std::move(live["running"])},
              {"limits", std::move(limits)},
              {"starts", std::move(starts)}};
}

// What a result is called, and the page that shows it.
struct Place {
  const char* kind;
  std::string path;
};

Place PlaceOf(const Found& found) {
  const std::string dag = "/dags/" + EncodeUrlPart(found.dag_id);
  switch (found.kind) {
    case FoundKind::kDag:
      return {"dag", dag + "/grid"};
    case FoundKind::kTask:
      return {"task", dag + "/graph"};
    case FoundKind::kRun:
      return {"run", dag + "/runs/" + EncodeUrlPart(found.name)};
    case FoundKind::kPool:
      return {"pool", "/pools"};
    case FoundKind::kVariable:
      return {"variable", "/variables"};
    case FoundKind::kConnection:
      return {"connection", "/connections"};
    case FoundKind::kDataset:
      break;
  }
  return {"dataset", "/datasets"};
}

Json FoundJson(const Found& found) {
  Place place = PlaceOf(found);
  std::string detail = found.detail;
  if (found.kind == FoundKind::kTask || found.kind == FoundKind::kRun) {
    detail = found.dag_id + (detail.empty() ? "" : ", " + detail);
  }
  return {{"kind", place.kind},
          {"title", found.name},
          {"detail", std::move(detail)},
          {"path", std::move(place.path)}};
}

Result<Json> SearchAll(ApiCall& call) {
  QueryReader reader(call.request());
  const std::string text = reader.Text("q").value_or("");
  BEEFLOW_RETURN_IF_ERROR(reader.Finish());
  if (text.size() > kSearchTextMax) {
    return Invalid("query parameter q: search for at most 250 characters");
  }
  if (text.empty()) return Json{{"results", Json::array()}};
  const Identity& who = call.who();
  const auto may = [&who](const char* what) { return who.Can(Action::kRead, what); };
  SearchQuery query;
  query.text = text;
  query.results_max = kResultsMax;
  query.may_see_dag = [&who](const std::string& dag_id) {
    return who.CanOnDag(Action::kRead, dag_id);
  };
  query.runs = may(resource::kDagRun);
  query.pools = may(resource::kPool);
  query.variables = may(resource::kVariable);
  query.connections = may(resource::kConnection);
  query.datasets = may(resource::kDataset);
  BEEFLOW_ASSIGN_OR_RETURN(Overview * overview, call.overview());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<Found> found, overview->Search(query));
  Json results = Json::array();
  for (const Found& one : found) results.push_back(FoundJson(one));
  return Json{{"results", std::move(results)}};
}

}  // namespace

void AddUiSystemRoutes(ApiRoutes* routes) {
  routes->AddJson({"GET",
                   "/api/v1/ui/environments",
                   "ui_environments",
                   "Environments that are alive, their limits, and starts over the last day",
                   {{Action::kRead, resource::kClusterActivity}},
                   {},
                   "",
                   "UiEnvironments"},
                  GetEnvironments);
  routes->AddJson({"GET",
                   "/api/v1/ui/search",
                   "ui_search",
                   "Names that hold a text",
                   {{Action::kRead, resource::kWebsite}},
                   {{"q", ParameterType::kText, "The text; case does not count."}},
                   "",
                   "UiSearch"},
                  SearchAll);
}

}  // namespace beeflow
