// What the handlers share.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "api/api.h"

namespace beeflow {

class ApiContext {
 public:
  explicit ApiContext(const ApiOptions& options);

  const ApiOptions& options() const { return options_; }
  Time Now() const { return options_.clock->Now(); }

  // The catalog of the calling thread, opened on its first call. It is closed with the thread, or
  // when the thread serves another context.
  Result<Catalog*> catalog() const;

 private:
  const ApiOptions options_;
  const uint64_t id_;  // tells contexts apart, also one that takes the address of another
};

using SharedContext = std::shared_ptr<const ApiContext>;

// A handler that gives JSON or an error, on the catalog of its thread.
using CatalogHandler = std::function<Result<Json>(const ApiContext&, Catalog*, const HttpRequest&)>;

// Adds it below /api/v1.
void AddRoute(HttpRouter* router, const SharedContext& context, const std::string& method,
              const std::string& pattern, CatalogHandler handler);

void AddSystemRoutes(HttpRouter* router, const SharedContext& context);  // health, version, pools
void AddDagRoutes(HttpRouter* router, const SharedContext& context);
void AddRunRoutes(HttpRouter* router, const SharedContext& context);
void AddTaskRoutes(HttpRouter* router, const SharedContext& context);
void AddLogRoutes(HttpRouter* router, const SharedContext& context);

}  // namespace beeflow
