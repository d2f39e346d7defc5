// health, version
#include "api/api_context.h"

namespace beeflow {
namespace {

// The scheduler lives in the process that answers, so that it is alive whenever something does.
// There is no heartbeat: its time is that of the answer. The change feed is ours.
HttpResponse Health(ApiCall& call) {
  const auto status = [](bool is_healthy) { return is_healthy ? "healthy" : "unhealthy"; };
  const auto overview = call.overview();
  const auto lag = overview.ok() ? (*overview)->Lag() : Result<FeedLag>(overview.error());
  Json feed = {{"status", status(lag.ok() && lag->is_healthy)}};
  if (lag.ok() && lag->changes) feed["lag_changes"] = *lag->changes;
  if (lag.ok() && lag->bytes) feed["lag_bytes"] = *lag->bytes;
  const std::string now = FormatIso(call.Now());
  return JsonResponse(
      {{"metadatabase", {{"status", status(lag.ok())}}},
       {"change_feed", std::move(feed)},
       {"scheduler", {{"status", "healthy"}, {"latest_scheduler_heartbeat", now}}},
       {"triggerer", {{"status", nullptr}, {"latest_triggerer_heartbeat", nullptr}}},
       {"dag_processor", {{"status", nullptr}, {"latest_dag_processor_heartbeat", nullptr}}}});
}

}  // namespace

void AddSystemRoutes(ApiRoutes* routes) {
  for (const char* path : {"/health", "/api/v1/health"}) {
    Operation health{"GET", path, "get_health", "Whether the parts work", {}, {}, "", "HealthInfo"};
    health.is_open = true;
    routes->Add(health, Health);
  }
  Operation version{"GET", "/api/v1/version", "get_version", "The version", {}, {},
                    "",    "VersionInfo"};
  version.is_open = true;
  routes->AddJson(version, [](ApiCall& call) -> Result<Json> {
    return Json{{"version", call.context().options().version}, {"git_version", nullptr}};
  });
}

}  // namespace beeflow
