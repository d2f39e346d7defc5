// health, version, import errors, pools
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"

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

Result<Json> ListImportErrors(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  QueryReader query(call.request());
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(const auto errors, catalog->ImportErrors());
  Json list = Json::array();
  for (const ImportErrorInfo& error : Page(errors, offset, limit)) list.push_back(ToJson(error));
  return Collection("import_errors", list, static_cast<int64_t>(errors.size()));
}

Result<Json> GetImportError(ApiCall& call) {
  const HttpRequest& request = call.request();
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const auto errors, catalog->ImportErrors());
  for (const ImportErrorInfo& error : errors) {
    if (std::to_string(error.id) == request.Field("import_error_id")) return ToJson(error);
  }
  return NotFound("there is no import error " + request.Field("import_error_id"));
}

Result<Json> ListPools(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  QueryReader query(call.request());
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(const auto pools, catalog->Pools());
  Json list = Json::array();
  for (const PoolInfo& pool : Page(pools, offset, limit)) list.push_back(ToJson(pool));
  return Collection("pools", list, static_cast<int64_t>(pools.size()));
}

Result<Json> GetPool(ApiCall& call) {
  const HttpRequest& request = call.request();
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const auto pools, catalog->Pools());
  for (const PoolInfo& pool : pools) {
    if (pool.record.name == request.Field("pool_name")) return ToJson(pool);
  }
  return NotFound("there is no pool '" + request.Field("pool_name") + "'");
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
  const std::vector<Permission> errors = {{Action::kRead, resource::kImportError}};
  routes->AddJson({"GET", "/api/v1/importErrors", "get_import_errors", "List import errors", errors,
                   WithPaging({}), "", "ImportErrorCollection"},
                  ListImportErrors);
  routes->AddJson({"GET",
                   "/api/v1/importErrors/{import_error_id}",
                   "get_import_error",
                   "An import error",
                   errors,
                   {},
                   "",
                   "ImportError"},
                  GetImportError);
  const std::vector<Permission> pools = {{Action::kRead, resource::kPool}};
  routes->AddJson({"GET", "/api/v1/pools", "get_pools", "List pools", pools, WithPaging({}), "",
                   "PoolCollection"},
                  ListPools);
  routes->AddJson({"GET", "/api/v1/pools/{pool_name}", "get_pool", "A pool", pools, {}, "", "Pool"},
                  GetPool);
}

}  // namespace beeflow
