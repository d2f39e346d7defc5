// What the handlers share, and how they are added.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/api.h"
#include "api/audit.h"
#include "api/store_pool.h"

namespace beeflow {

class ApiContext {
 public:
  explicit ApiContext(const ApiOptions& options);

  const ApiOptions& options() const { return options_; }
  Time Now() const { return options_.clock->Now(); }

  StorePool<Catalog>& catalogs() const { return catalogs_; }
  StorePool<SecretStore>& secrets() const { return secrets_; }
  StorePool<UserStore>& users() const { return users_; }

 private:
  const ApiOptions options_;
  mutable StorePool<Catalog> catalogs_;
  mutable StorePool<SecretStore> secrets_;
  mutable StorePool<UserStore> users_;
};

using SharedContext = std::shared_ptr<const ApiContext>;

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
  Result<UserStore*> users();

  // Runs `edit` on the thread of the control loop, with this call's catalog, and, where it
  // succeeds, adds the audit line there.
  Status Write(const AuditNote& note, const std::function<Status(Catalog*)>& edit);

 private:
  const ApiContext& context_;
  const HttpRequest& request_;
  const Identity& who_;
  StorePool<Catalog>::Lease catalog_;
  StorePool<SecretStore>::Lease secrets_;
  StorePool<UserStore>::Lease users_;
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
void AddSessionRoutes(ApiRoutes* routes);  // who is signed in; signing in and out
void AddUserRoutes(ApiRoutes* routes);
void AddRoleRoutes(ApiRoutes* routes);   // roles, permissions
void AddTokenRoutes(ApiRoutes* routes);  // API tokens

}  // namespace beeflow
