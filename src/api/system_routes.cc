// health, version, import errors, pools
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"

namespace beeflow {
namespace {

// The scheduler lives in the process that answers, so that it is alive whenever something does.
// There is no heartbeat: its time is that of the answer.
HttpResponse Health(const ApiContext& context) {
  const auto catalog = context.catalog();
  const bool readable = catalog.ok() && (*catalog)->Pools().ok();
  const std::string now = FormatIso(context.Now());
  return JsonResponse(
      {{"metadatabase", {{"status", readable ? "healthy" : "unhealthy"}}},
       {"scheduler", {{"status", "healthy"}, {"latest_scheduler_heartbeat", now}}},
       {"triggerer", {{"status", nullptr}, {"latest_triggerer_heartbeat", nullptr}}},
       {"dag_processor", {{"status", nullptr}, {"latest_dag_processor_heartbeat", nullptr}}}});
}

Result<Json> ListImportErrors(const ApiContext&, Catalog* catalog, const HttpRequest& request) {
  QueryReader query(request);
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(const auto errors, catalog->ImportErrors());
  Json list = Json::array();
  for (const ImportErrorInfo& error : Page(errors, offset, limit)) list.push_back(ToJson(error));
  return Collection("import_errors", list, static_cast<int64_t>(errors.size()));
}

Result<Json> GetImportError(const ApiContext&, Catalog* catalog, const HttpRequest& request) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto errors, catalog->ImportErrors());
  for (const ImportErrorInfo& error : errors) {
    if (std::to_string(error.id) == request.Field("id")) return ToJson(error);
  }
  return NotFound("there is no import error " + request.Field("id"));
}

Result<Json> ListPools(const ApiContext&, Catalog* catalog, const HttpRequest& request) {
  QueryReader query(request);
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(const auto pools, catalog->Pools());
  Json list = Json::array();
  for (const PoolInfo& pool : Page(pools, offset, limit)) list.push_back(ToJson(pool));
  return Collection("pools", list, static_cast<int64_t>(pools.size()));
}

Result<Json> GetPool(const ApiContext&, Catalog* catalog, const HttpRequest& request) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto pools, catalog->Pools());
  for (const PoolInfo& pool : pools) {
    if (pool.record.name == request.Field("name")) return ToJson(pool);
  }
  return NotFound("there is no pool '" + request.Field("name") + "'");
}

}  // namespace

void AddSystemRoutes(HttpRouter* router, const SharedContext& context) {
  for (const char* path : {"/health", "/api/v1/health"}) {
    router->Add("GET", path, [context](const HttpRequest&) { return Health(*context); });
  }
  router->Add("GET", "/api/v1/version", [context](const HttpRequest&) {
    return JsonResponse({{"version", context->options().version}, {"git_version", nullptr}});
  });
  AddRoute(router, context, "GET", "/importErrors", ListImportErrors);
  AddRoute(router, context, "GET", "/importErrors/{id}", GetImportError);
  AddRoute(router, context, "GET", "/pools", ListPools);
  AddRoute(router, context, "GET", "/pools/{name}", GetPool);
}

}  // namespace beeflow
