// health, version
#include "api/api_context.h"

namespace beeflow {
namespace {

// The scheduler lives in the process that answers, so that it is alive whenever something does.
// There is no heartbeat: its time is that of the answer.
HttpResponse Health(ApiCall& call) {
  const auto catalog = call.catalog();
  const bool readable = catalog.ok() && (*catalog)->Pools().ok();
  const std::string now = FormatIso(call.Now());
  return JsonResponse(
      {{"metadatabase", {{"status", readable ? "healthy" : "unhealthy"}}},
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
