// variables: list, one, setting, changing, deleting. Whoever may read Variables reads their values,
// but for those with a sensitive name: these are for those who may also edit them.
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_reader.h"
#include "api/secret_shapes.h"

namespace beeflow {
namespace {

bool IsHidden(const ApiCall& call, const std::string& key) {
  return call.context().sensitive_names().Match(key) &&
         !call.who().Can(Action::kEdit, resource::kVariable);
}

Json Shown(const ApiCall& call, const StoredVariable& variable) {
  return VariableToJson(variable, IsHidden(call, variable.key));
}

// What cannot be decrypted is no fault of the request.
Result<StoredVariable> FindVariable(SecretStore* secrets, const std::string& key) {
  auto variable = secrets->Variable(key);
  if (!variable.ok()) return Internal(variable.error().message);
  if (!*variable) return NotFound("there is no Variable '" + key + "'; see /api/v1/variables");
  return std::move(**variable);
}

AuditNote NoteOf(const char* event, const std::string& key) {
  AuditNote note{event};
  note.extra = DumpJson({{"key", key}});
  return note;
}

// One that cannot be decrypted is listed without its value: the others are readable all the same.
Result<std::vector<StoredVariable>> AllVariables(SecretStore* secrets) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto keys, secrets->VariableKeys());
  std::vector<StoredVariable> variables;
  for (const std::string& key : keys) {
    auto variable = secrets->Variable(key);
    if (!variable.ok() && variable.error().code != ErrorCode::kInvalid) return variable.error();
    if (variable.ok() && !*variable) continue;  // deleted meanwhile
    variables.push_back(variable.ok() ? std::move(**variable)
                                      : StoredVariable{0, key, "", {}, true});
  }
  return variables;
}

Result<Json> ListVariables(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, call.secrets());
  QueryReader query(call.request());
  BEEFLOW_ASSIGN_OR_RETURN(const ListRange range,
                           ReadListRange(&query, {{"id", "id"}, {"key", "key"}}));
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(auto variables, AllVariables(secrets));
  SortList(&variables, range, [&](const StoredVariable& a, const StoredVariable& b) {
    return range.order_by == "key" ? a.key < b.key : a.id < b.id;
  });
  Json list = Json::array();
  for (const StoredVariable& variable : Page(variables, range.offset, range.limit)) {
    list.push_back(Shown(call, variable));
  }
  return Collection("variables", list, static_cast<int64_t>(variables.size()));
}

Result<Json> GetVariable(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, call.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const auto variable, FindVariable(secrets, call.Field("variable_key")));
  return Shown(call, variable);
}

// Sets what the body says, and leaves the rest.
Status ReadFields(const Json& body, StoredVariable* variable) {
  JsonReader in(body, "the body");
  variable->value = in.OptionalString("value").value_or(variable->value);
  if (body.contains("description")) variable->description = in.String("description");
  return in.status();
}

// As in Airflow, one that exists is changed.
Result<Json> PostVariable(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, call.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const Json body,
                           ReadBody(call.request(), {"key", "value", "description"}));
  JsonReader in(body, "the body");
  StoredVariable variable;
  variable.key = in.String("key");
  if (!in.OptionalString("value")) in.Fail("value is missing; send a text");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  constexpr size_t kLongestKey = 250;
  if (variable.key.empty() || variable.key.size() > kLongestKey) {
    return Invalid("the body: key must have from 1 to 250 characters");
  }
  BEEFLOW_RETURN_IF_ERROR(ReadFields(body, &variable));
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso(NoteOf("variable.create", variable.key),
                                         [&] { return secrets->SetVariable(variable); }));
  return Shown(call, variable);
}

Result<Json> PatchVariable(ApiCall& call) {
  const std::string& key = call.Field("variable_key");
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, call.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const Json body,
                           ReadPatch(call.request(), {"value", "description"}, {"key"}));
  if (body.value("key", Json()) != key) {
    return Invalid("the body: key must be that of the path, '" + key + "'; it cannot be changed");
  }
  StoredVariable variable;
  const auto change = [&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(variable, FindVariable(secrets, key));
    BEEFLOW_RETURN_IF_ERROR(ReadFields(body, &variable));
    return secrets->SetVariable(variable);
  };
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso(NoteOf("variable.edit", key), change));
  return Shown(call, variable);
}

Result<Json> DeleteVariable(ApiCall& call) {
  const std::string& key = call.Field("variable_key");
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, call.secrets());
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso(NoteOf("variable.delete", key), [&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(const bool existed, secrets->DeleteVariable(key));
    return existed ? Ok() : NotFound("there is no Variable '" + key + "'");
  }));
  return Json();
}

}  // namespace

void AddVariableRoutes(ApiRoutes* routes) {
  const std::string variables = "/api/v1/variables";
  const std::string variable = variables + "/{variable_key}";
  const auto may = [](Action action) {
    return std::vector<Permission>{{action, resource::kVariable}};
  };
  routes->AddJson({"GET", variables, "get_variables", "List Variables", may(Action::kRead),
                   WithOrder({}), "", "VariableCollection"},
                  ListVariables);
  routes->AddJson({"POST",
                   variables,
                   "post_variables",
                   "Create or change a Variable",
                   may(Action::kCreate),
                   {},
                   "Variable",
                   "Variable"},
                  PostVariable);
  routes->AddJson(
      {"GET", variable, "get_variable", "A Variable", may(Action::kRead), {}, "", "Variable"},
      GetVariable);
  routes->AddJson({"PATCH",
                   variable,
                   "patch_variable",
                   "Change a Variable",
                   may(Action::kEdit),
                   {{"update_mask", ParameterType::kText, "Fields to change.", true}},
                   "Variable",
                   "Variable"},
                  PatchVariable);
  routes->AddJson({"DELETE",
                   variable,
                   "delete_variable",
                   "Delete a Variable",
                   may(Action::kDelete),
                   {},
                   "",
                   "",
                   204},
                  DeleteVariable);
}

}  // namespace beeflow
