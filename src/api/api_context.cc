#include "api/api_context.h"

#include <atomic>

#include "api/landing_page.h"

namespace beeflow {
namespace {

uint64_t NextContextId() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace

ApiContext::ApiContext(const ApiOptions& options) : options_(options), id_(NextContextId()) {}

Result<Catalog*> ApiContext::catalog() const {
  struct Opened {
    uint64_t context = 0;
    std::unique_ptr<Catalog> catalog;
  };
  static thread_local Opened opened;
  if (opened.context != id_ || !opened.catalog) {
    BEEFLOW_ASSIGN_OR_RETURN(opened.catalog, options_.open_catalog());
    opened.context = id_;
  }
  return opened.catalog.get();
}

void AddRoute(HttpRouter* router, const SharedContext& context, const std::string& method,
              const std::string& pattern, CatalogHandler handler) {
  router->Add(method, "/api/v1" + pattern,
              [context, handler = std::move(handler)](const HttpRequest& request) {
                const auto catalog = context->catalog();
                if (!catalog.ok()) return ErrorResponse(catalog.error());
                const auto json = handler(*context, *catalog, request);
                return json.ok() ? JsonResponse(*json) : ErrorResponse(json.error());
              });
}

void AddApiRoutes(const ApiOptions& options, HttpRouter* router) {
  const auto context = std::make_shared<const ApiContext>(options);
  AddSystemRoutes(router, context);
  AddDagRoutes(router, context);
  AddRunRoutes(router, context);
  AddTaskRoutes(router, context);
  AddLogRoutes(router, context);
  router->Add("GET", "/", [](const HttpRequest&) {
    return HttpResponse{200, "text/html; charset=utf-8", std::string(kLandingPage)};
  });
}

}  // namespace beeflow
