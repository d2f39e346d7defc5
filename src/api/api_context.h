// What the handlers share, and how they are added.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/api.h"
#include "api/http_figures.h"
#include "api/store_pool.h"

namespace beeflow {

class ApiContext {
 public:
  explicit ApiContext(const ApiOptions& options);

  const ApiOptions& options() const { return options_; }
  Time Now() const { return options_.clock->Now(); }

  StorePool<Catalog>& catalogs() const { return catalogs_; }
  StorePool<SecretStore>& secrets() const { return secrets_; }
  StorePool<Overview>& overviews() const { return overviews_; }
  HttpFigures& http() const { return http_; }

 private:
  const ApiOptions options_;
  mutable StorePool<Catalog> catalogs_;
  mutable StorePool<SecretStore> secrets_;
  mutable StorePool<Overview> overviews_;
  mutable HttpFigures http_;
};

using SharedContext = std::shared_ptr<const ApiContext>;

// What an audit line says of a write; the rest is known.
struct AuditNote {
  std::string event;
  std::string dag_id{}, run_id{}, task_id{};
  std::string extra{};  // never a secret
};

// One request in the hands of its handler. Lives on the stack of its thread.
class ApiCall {
 public:
  ApiCall(const ApiContext& context, const HttpRequest& request, const Identity& who)
      : context_(context), request_(request), who_(who) {}

  const ApiContext& context() const { return context_; }
  const HttpRequest& request() const { return request_; }
  const Identity& who() const { return who_; }
  Time Now() const { return context_.Now(); }
  const std::string& Field(const std::string& name) const { return request_.Field(name); }

  // Borrowed at the first use, for the rest of the call.
  Result<Catalog*> catalog();
  Result<SecretStore*> secrets();
  Result<Overview*> overview();

  // Runs `edit` on the thread of the control loop, with this call's catalog, and, where it
  // succeeds, adds the audit line there.
  Status Write(const AuditNote& note, const std::function<Status(Catalog*)>& edit);

 private:
  const ApiContext& context_;
  const HttpRequest& request_;
  const Identity& who_;
  StorePool<Catalog>::Lease catalog_;
  StorePool<SecretStore>::Lease secrets_;
  StorePool<Overview>::Lease overview_;
};

// Adds operations with their handlers to the router, which checks rights and parameters first.
class ApiRoutes {
 public:
  using JsonHandler = std::function<Result<Json>(ApiCall&)>;
  using Handler = std::function<HttpResponse(ApiCall&)>;

  ApiRoutes(SharedContext context, HttpRouter* router)
      : context_(std::move(context)), router_(router) {}

  const SharedContext& context() const { return context_; }
  // A null value answers without a body.
  void AddJson(Operation operation, JsonHandler handler);
  void Add(Operation operation, Handler handler);
  const std::vector<Operation>& operations() const { return operations_; }

 private:
  SharedContext context_;
  HttpRouter* router_;
  std::vector<Operation> operations_;
};

void AddSystemRoutes(ApiRoutes* routes);  // health, version, pools
void AddDagRoutes(ApiRoutes* routes);
void AddRunRoutes(ApiRoutes* routes);
void AddTaskRoutes(ApiRoutes* routes);
void AddLogRoutes(ApiRoutes* routes);
void AddMetricsRoutes(ApiRoutes* routes);
void AddEventRoutes(ApiRoutes* routes);
void AddUiDagRoutes(ApiRoutes* routes);
void AddUiStructureRoutes(ApiRoutes* routes);  // and calendar
void AddUiRunRoutes(ApiRoutes* routes);
void AddUiSystemRoutes(ApiRoutes* routes);  // environments, search

}  // namespace beeflow
