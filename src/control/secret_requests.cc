// variable_get, variable_set, variable_delete, connection_get
#include "control/request_handlers.h"

namespace beeflow {
namespace {

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace

Result<Json> GetVariable(const RequestContext& context, JsonReader* in) {
  const std::string key = RequiredText(in, "key");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const auto variable, context.store->secrets().Variable(key));
  return variable ? Json(variable->value) : Json();
}

Result<Json> SetVariable(const RequestContext& context, JsonReader* in) {
  StoredVariable variable;
  variable.key = RequiredText(in, "key");
  variable.value = in->String("value");
  variable.description = in->OptionalString("description");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_RETURN_IF_ERROR(context.store->secrets().SetVariable(variable));
  return Json();
}

Result<Json> DeleteVariable(const RequestContext& context, JsonReader* in) {
  const std::string key = RequiredText(in, "key");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const bool existed, context.store->secrets().DeleteVariable(key));
  return Json(existed);
}

Result<Json> GetConnection(const RequestContext& context, JsonReader* in) {
  const std::string conn_id = RequiredText(in, "conn_id");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const auto found, context.store->secrets().Connection(conn_id));
  if (!found) return Json();
  return Json{{"conn_id", found->conn_id},
              {"conn_type", found->conn_type},
              {"description", OrNull(found->description)},
              {"host", OrNull(found->host)},
              {"schema", OrNull(found->schema)},
              {"login", OrNull(found->login)},
              {"password", OrNull(found->password)},
              {"port", OrNull(found->port)},
              {"extra", OrNull(found->extra)}};
}

}  // namespace beeflow
