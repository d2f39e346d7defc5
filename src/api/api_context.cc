#include "api/api_context.h"

#include <algorithm>
#include <utility>

#include "api/openapi.h"
#include "api/page_routes.h"
#include "api/v2_routes.h"

namespace beeflow {
namespace {

std::string NameOf(const Permission& permission) {
  return std::string(ToString(permission.action)) + " on " + permission.resource;
}

bool IsAllowed(const Identity& who, const Permission& permission, const HttpRequest& request) {
  if (permission.resource != resource::kDag) return who.Can(permission.action, permission.resource);
  const std::string& dag_id = request.Field("dag_id");
  if (!dag_id.empty() && dag_id != "~") return who.CanOnDag(permission.action, dag_id);
  if (who.Can(permission.action, permission.resource)) return true;
  return std::any_of(who.dags.begin(), who.dags.end(),
                     [&](const auto& dag) { return dag.second.contains(permission.action); });
}

std::optional<HttpResponse> Refusal(const Operation& operation, const Identity& who,
                                    const HttpRequest& request) {
  if (operation.is_open) return std::nullopt;
  if (who.is_forgeable) {
    return ProblemResponse(403, "Forbidden",
                           "the header X-CSRF-Token is not that of the session; "
                           "/api/v1/ui/session tells it");
  }
  if (operation.permissions.empty() && !who.is_signed_in) {
    return AskToSignIn(request, "sign in first");
  }
  for (const Permission& permission : operation.permissions) {
    if (IsAllowed(who, permission, request)) continue;
    if (!who.is_signed_in) return AskToSignIn(request, "sign in first");
    return ProblemResponse(403, "Forbidden",
                           who.username + " lacks the permission " + NameOf(permission));
  }
  return std::nullopt;
}

SensitiveNames NamesFrom(const Config& config) {
  const EffectiveSetting* hide = config.Find("core", "hide_sensitive_var_conn_fields");
  if (hide && hide->value == "False") return {};
  const EffectiveSetting* more = config.Find("core", "sensitive_var_conn_names");
  return SensitiveNames(more ? more->value : "");
}

std::optional<HttpResponse> WrongParameter(const Operation& operation, const HttpRequest& request) {
  const auto& query = operation.query;
  for (const auto& [name, value] : request.query) {
    const auto is_it = [&wanted = name](const Parameter& known) { return known.name == wanted; };
    if (std::any_of(query.begin(), query.end(), is_it)) continue;
    std::string names;
    for (const Parameter& known : query) names += (names.empty() ? "" : ", ") + known.name;
    return ErrorResponse(Invalid("query parameter " + name +
                                 ": not known here; this operation takes " +
                                 (names.empty() ? "none" : names)));
  }
  return std::nullopt;
}

HttpResponse Answer(const ApiContext& context, const Operation& operation,
                    const HttpRequest& request, const ApiRoutes::Handler& handler) {
  const auto identified = context.options().authenticator->Identify(request);
  if (const auto* refused = std::get_if<HttpResponse>(&identified)) return *refused;
  const auto& who = std::get<Identity>(identified);
  if (auto refused = Refusal(operation, who, request)) return *refused;
  if (auto wrong = WrongParameter(operation, request)) return *wrong;
  ApiCall call(context, request, who);
  return handler(call);
}

}  // namespace

std::vector<Parameter> WithPaging(std::vector<Parameter> query) {
  query.push_back({"limit", ParameterType::kInteger, "Most entries to return; at most 1000."});
  query.push_back({"offset", ParameterType::kInteger, "Entries to leave out before the first."});
  return query;
}

ApiContext::ApiContext(const ApiOptions& options)
    : options_(options),
      sensitive_names_(NamesFrom(options.config)),
      catalogs_(options.open_catalog),
      histories_(options.open_history),
      secrets_(options.open_secrets),
      overviews_(options.open_overview),
      inventories_(options.open_inventory),
      users_(options.open_users) {}

Result<Catalog*> ApiCall::catalog() {
  if (!catalog_) {
    BEEFLOW_ASSIGN_OR_RETURN(catalog_, context_.catalogs().Borrow());
  }
  return catalog_.get();
}

Result<History*> ApiCall::history() {
  if (!history_) {
    BEEFLOW_ASSIGN_OR_RETURN(history_, context_.histories().Borrow());
  }
  return history_.get();
}

Result<SecretStore*> ApiCall::secrets() {
  if (!secrets_) {
    BEEFLOW_ASSIGN_OR_RETURN(secrets_, context_.secrets().Borrow());
  }
  return secrets_.get();
}

Result<UserStore*> ApiCall::users() {
  if (!users_) {
    BEEFLOW_ASSIGN_OR_RETURN(users_, context_.users().Borrow());
  }
  return users_.get();
}

Result<Overview*> ApiCall::overview() {
  if (!overview_) {
    BEEFLOW_ASSIGN_OR_RETURN(overview_, context_.overviews().Borrow());
  }
  return overview_.get();
}

Result<Inventory*> ApiCall::inventory() {
  if (!inventory_) {
    BEEFLOW_ASSIGN_OR_RETURN(inventory_, context_.inventories().Borrow());
  }
  return inventory_.get();
}

AuditEntry ApiCall::Entry(const AuditNote& note) const {
  return MakeAuditEntry(note, who_.username, request_, Now());
}

Status ApiCall::Write(const AuditNote& note, const std::function<Status(Catalog*)>& edit) {
  return Write(std::vector<AuditNote>{note}, edit);
}

Status ApiCall::Write(const std::vector<AuditNote>& notes,
                      const std::function<Status(Catalog*)>& edit) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, this->catalog());
  return context_.options().on_loop([&] {
    return catalog->Together([&]() -> Status {
      BEEFLOW_RETURN_IF_ERROR(edit(catalog));
      for (const AuditNote& note : notes) BEEFLOW_RETURN_IF_ERROR(catalog->Audit(Entry(note)));
      return Ok();
    });
  });
}

Status ApiCall::WriteAlso(const AuditNote& note, const std::function<Status()>& edit) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, this->catalog());
  return context_.options().on_loop([&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(edit());
    return catalog->Audit(Entry(note));
  });
}

void ApiRoutes::AddJson(Operation operation, JsonHandler handler) {
  const int status = operation.status;
  Add(std::move(operation), [status, handler = std::move(handler)](ApiCall& call) {
    const auto json = handler(call);
    if (!json.ok()) return ErrorResponse(json.error());
    if (json->is_null()) return HttpResponse{204, "application/json", ""};
    return JsonResponse(*json, status);
  });
}

void ApiRoutes::Add(Operation operation, Handler handler) {
  operations_.push_back(operation);
  const auto shared = std::make_shared<const Operation>(std::move(operation));
  router_->Add(
      shared->method, shared->path,
      [shared, context = context_, handler = std::move(handler)](const HttpRequest& request) {
        const Time begin = context->Now();
        HttpResponse response = Answer(*context, *shared, request, handler);
        context->http().Count(request.method, response.status, ToSeconds(context->Now() - begin));
        return response;
      });
}

namespace {

// After all others: the document is about them.
void AddDocumentRoutes(ApiRoutes* routes) {
  std::vector<Operation> operations;
  for (const char* path : {"/openapi.json", "/api/v1/openapi.json"}) {
    Operation document{"GET", path, "get_openapi", "This document", {}, {}, "", "OpenApiDocument"};
    document.is_open = true;
    operations.push_back(document);
  }
  const auto all = std::make_shared<std::vector<Operation>>(routes->operations());
  all->insert(all->end(), operations.begin(), operations.end());
  for (Operation& operation : operations) {
    routes->AddJson(std::move(operation), [all](ApiCall& call) -> Result<Json> {
      return OpenApiDocument(*all, call.context().options().version);
    });
  }
}

}  // namespace

std::vector<Operation> AddApiRoutes(const ApiOptions& options, HttpRouter* router) {
  ApiRoutes routes(std::make_shared<const ApiContext>(options), router);
  AddSystemRoutes(&routes);
  AddErrorRoutes(&routes);
  AddPoolRoutes(&routes);
  AddVariableRoutes(&routes);
  AddConnectionRoutes(&routes);
  AddEventLogRoutes(&routes);
  AddQueuedEventRoutes(&routes);  // before the datasets, whose URI may be any text
  AddDatasetRoutes(&routes);
  AddConfigRoutes(&routes);
  AddPackageRoutes(&routes);
  AddSerializedDagRoutes(&routes);
  AddDagRoutes(&routes);
  AddDagDetailRoutes(&routes);
  AddRunRoutes(&routes);
  AddRunEditRoutes(&routes);
  AddBackfillRoutes(&routes);
  AddXComRoutes(&routes);
  AddTaskEditRoutes(&routes);
  AddTaskRoutes(&routes);
  AddLogRoutes(&routes);
  AddMetricsRoutes(&routes);
  AddEventRoutes(&routes);
  AddUiDagRoutes(&routes);
  AddUiStructureRoutes(&routes);
  AddUiRunRoutes(&routes);
  AddUiSystemRoutes(&routes);
  AddSessionRoutes(&routes);
  AddUserRoutes(&routes);
  AddRoleRoutes(&routes);
  AddTokenRoutes(&routes);
  AddDocumentRoutes(&routes);
  AddV2Routes(routes.operations(), router);
  AddPageRoutes(router);
  return routes.operations();
}

}  // namespace beeflow
