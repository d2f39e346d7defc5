// plugins and providers
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"

namespace beeflow {
namespace {

// None: what plugins extend, Airflow's own web server and executors, does not exist here.
Result<Json> ListPlugins(ApiCall& call) {
  QueryReader query(call.request());
  query.Limit();
  query.Offset();
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  return Collection("plugins", Json::array(), 0);
}

Result<Json> ListProviders(ApiCall& call) {
  std::vector<ProviderInfo> providers;
  if (call.context().options().list_providers) {
    BEEFLOW_ASSIGN_OR_RETURN(providers, call.context().options().list_providers());
  }
  Json list = Json::array();
  for (const ProviderInfo& provider : providers) {
    list.push_back({{"package_name", provider.package_name},
                    {"description", provider.description},
                    {"version", provider.version}});
  }
  return Collection("providers", list, static_cast<int64_t>(providers.size()));
}

}  // namespace

void AddPackageRoutes(ApiRoutes* routes) {
  routes->AddJson({"GET",
                   "/api/v1/plugins",
                   "get_plugins",
                   "List plugins",
                   {{Action::kRead, resource::kPlugin}},
                   WithPaging({}),
                   "",
                   "PluginCollection"},
                  ListPlugins);
  routes->AddJson({"GET",
                   "/api/v1/providers",
                   "get_providers",
                   "List provider packages",
                   {{Action::kRead, resource::kProvider}},
                   {},
                   "",
                   "ProviderCollection"},
                  ListProviders);
}

}  // namespace beeflow
