#include "remote/remote_secret_store.h"

#include <utility>

#include "remote/api_records.h"

namespace beeflow {
namespace {

std::string VariablePath(const std::string& key) { return "/variables/" + EncodeUrlPart(key); }

std::string ConnectionPath(const std::string& conn_id) {
  return "/connections/" + EncodeUrlPart(conn_id);
}

Result<std::vector<std::string>> Names(const Result<Json>& list, const char* field) {
  if (!list.ok()) return list.error();
  std::vector<std::string> names;
  for (const Json& item : *list) names.push_back(item.value(field, ""));
  return names;
}

bool IsMissing(const Error& error) { return error.code == ErrorCode::kNotFound; }

// False where there is none.
Result<bool> Existed(const Status& deleted) {
  if (deleted.ok()) return true;
  if (IsMissing(deleted.error())) return false;
  return deleted.error();
}

Json OrNull(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

}  // namespace

Result<std::vector<std::string>> RemoteSecretStore::VariableKeys() {
  return Names(api_->GetAll("/variables?order_by=key", "variables"), "key");
}

Result<std::vector<std::string>> RemoteSecretStore::ConnectionIds() {
  return Names(api_->GetAll("/connections?order_by=connection_id", "connections"), "connection_id");
}

Result<std::optional<StoredVariable>> RemoteSecretStore::Variable(const std::string& key) {
  const auto json = api_->Get(VariablePath(key));
  if (!json.ok() && IsMissing(json.error())) return std::optional<StoredVariable>();
  if (!json.ok()) return json.error();
  BEEFLOW_ASSIGN_OR_RETURN(StoredVariable variable, VariableFromApi(*json));
  return std::optional<StoredVariable>(std::move(variable));
}

Status RemoteSecretStore::SetVariable(const StoredVariable& variable) {
  Json body = {{"key", variable.key}, {"value", variable.value}};
  if (variable.description) body["description"] = *variable.description;
  BEEFLOW_RETURN_IF_ERROR(api_->Post("/variables", body));
  return Ok();
}

Result<bool> RemoteSecretStore::DeleteVariable(const std::string& key) {
  return Existed(api_->Delete(VariablePath(key)));
}

Result<std::optional<StoredConnection>> RemoteSecretStore::Connection(const std::string& conn_id) {
  const auto json = api_->Get(ConnectionPath(conn_id));
  if (!json.ok() && IsMissing(json.error())) return std::optional<StoredConnection>();
  if (!json.ok()) return json.error();
  BEEFLOW_ASSIGN_OR_RETURN(StoredConnection connection, ConnectionFromApi(*json));
  return std::optional<StoredConnection>(std::move(connection));
}

Status RemoteSecretStore::SetConnection(const StoredConnection& connection) {
  const Json body = {{"connection_id", connection.conn_id},
                     {"conn_type", connection.conn_type},
                     {"description", OrNull(connection.description)},
                     {"host", OrNull(connection.host)},
                     {"login", OrNull(connection.login)},
                     {"schema", OrNull(connection.schema)},
                     {"port", connection.port ? Json(*connection.port) : Json(nullptr)},
                     {"password", OrNull(connection.password)},
                     {"extra", OrNull(connection.extra)}};
  const auto made = api_->Post("/connections", body);
  if (made.ok()) return Ok();
  if (made.error().code != ErrorCode::kConflict) return made.error();
  BEEFLOW_RETURN_IF_ERROR(api_->Patch(ConnectionPath(connection.conn_id), body));
  return Ok();
}

Result<bool> RemoteSecretStore::DeleteConnection(const std::string& conn_id) {
  return Existed(api_->Delete(ConnectionPath(conn_id)));
}

Result<int64_t> RemoteSecretStore::RotateKey() {
  return Invalid("keys are changed only on the server's own machine");
}

}  // namespace beeflow
