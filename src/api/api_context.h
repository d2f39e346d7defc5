// What the handlers share, and how they are added.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/api.h"
#include "api/audit.h"
#include "api/code_gate.h"
#include "api/http_figures.h"
#include "api/rendered_cache.h"
#include "api/store_pool.h"
#include "ports/sensitive_names.h"

namespace beeflow {

class ApiContext {
 public:
  explicit ApiContext(const ApiOptions& options);

  const ApiOptions& options() const { return options_; }
  Time Now() const { return options_.clock->Now(); }
  // Of what Variables and connections hold; none where the settings say that nothing is hidden.
  const SensitiveNames& sensitive_names() const { return sensitive_names_; }

  StorePool<Catalog>& catalogs() const { return catalogs_; }
  StorePool<History>& histories() const { return histories_; }
  StorePool<SecretStore>& secrets() const { return secrets_; }
  StorePool<Overview>& overviews() const { return overviews_; }
  StorePool<Inventory>& inventories() const { return inventories_; }
  StorePool<UserStore>& users() const { return users_; }
  HttpFigures& http() const { return http_; }
  CodeGate& gate() const { return gate_; }
  RenderedCache& rendered() const { return rendered_; }

 private:
  const ApiOptions options_;
  const SensitiveNames sensitive_names_;
  mutable StorePool<Catalog> catalogs_;
  mutable StorePool<History> histories_;
  mutable StorePool<SecretStore> secrets_;
  mutable StorePool<Overview> overviews_;
  mutable StorePool<Inventory> inventories_;
  mutable StorePool<UserStore> users_;
  mutable HttpFigures http_;
  mutable CodeGate gate_;
  mutable RenderedCache rendered_;
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
  Result<History*> history();
  Result<SecretStore*> secrets();
  Result<Overview*> overview();
  Result<Inventory*> inventory();
  Result<UserStore*> users();

  // Runs `edit` on the thread of the control loop, with this call's catalog, and adds the audit
  // line there: both in one transaction, of which nothing stays where the edit fails.
  Status Write(const AuditNote& note, const std::function<Status(Catalog*)>& edit);
  // The same with any number of lines, of which `edit` may add some.
  Status Write(const std::vector<AuditNote>& notes, const std::function<Status(Catalog*)>& edit);
  // The same for an edit of secrets or inventory, whose connections are others than the catalog's:
  // the edit is committed, then the audit line.
  Status WriteAlso(const AuditNote& note, const std::function<Status()>& edit);

 private:
  AuditEntry Entry(const AuditNote& note) const;

  const ApiContext& context_;
  const HttpRequest& request_;
  const Identity& who_;
  StorePool<Catalog>::Lease catalog_;
  StorePool<History>::Lease history_;
  StorePool<SecretStore>::Lease secrets_;
  StorePool<Overview>::Lease overview_;
  StorePool<Inventory>::Lease inventory_;
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

void AddSystemRoutes(ApiRoutes* routes);  // health, version
void AddErrorRoutes(ApiRoutes* routes);   // importErrors, dagWarnings
void AddPoolRoutes(ApiRoutes* routes);
void AddVariableRoutes(ApiRoutes* routes);
void AddConnectionRoutes(ApiRoutes* routes);
void AddEventLogRoutes(ApiRoutes* routes);
void AddDatasetRoutes(ApiRoutes* routes);
void AddQueuedEventRoutes(ApiRoutes* routes);
void AddConfigRoutes(ApiRoutes* routes);
void AddSerializedDagRoutes(ApiRoutes* routes);
void AddPackageRoutes(ApiRoutes* routes);  // plugins, providers
void AddDagRoutes(ApiRoutes* routes);
void AddDagDetailRoutes(ApiRoutes* routes);
void AddRunRoutes(ApiRoutes* routes);
void AddRunEditRoutes(ApiRoutes* routes);
void AddBackfillRoutes(ApiRoutes* routes);
void AddTaskRoutes(ApiRoutes* routes);
void AddTaskEditRoutes(ApiRoutes* routes);
void AddXComRoutes(ApiRoutes* routes);
void AddLogRoutes(ApiRoutes* routes);
void AddMetricsRoutes(ApiRoutes* routes);
void AddEventRoutes(ApiRoutes* routes);
void AddUiDagRoutes(ApiRoutes* routes);
void AddUiStructureRoutes(ApiRoutes* routes);  // and calendar
void AddUiRunRoutes(ApiRoutes* routes);
void AddUiSystemRoutes(ApiRoutes* routes);  // environments, search
void AddSessionRoutes(ApiRoutes* routes);   // who is signed in; signing in and out
// Where users and roles are: Airflow 2.9 moved them to the second, and kept the first.
inline constexpr std::array<const char*, 2> kUserBases = {"/api/v1", "/auth/fab/v1"};
void AddUserRoutes(ApiRoutes* routes);
void AddRoleRoutes(ApiRoutes* routes);   // roles, permissions
void AddTokenRoutes(ApiRoutes* routes);  // API tokens

}  // namespace beeflow
