// roles: list, one, making, changing, deleting; permissions
#include <algorithm>

#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"

namespace beeflow {
namespace {

constexpr const char* kAdmin = "Admin";

Json RoleJson(const StoredRole& role) {
  Json actions = Json::array();
  for (const RolePermission& permission : role.permissions) {
    actions.push_back(
        {{"action", {{"name", permission.action}}}, {"resource", {{"name", permission.resource}}}});
  }
  return {{"name", role.name}, {"actions", actions}};
}

Result<Json> ListRoles(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  QueryReader query(call.request());
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  const std::string order = query.Text("order_by").value_or("name");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  const std::string field = order.starts_with('-') ? order.substr(1) : order;
  if (field != "name" && field != "role_id") {  // which roles here have none of
    return Invalid("query parameter order_by: '" + order +
                   "' must be name, role_id, or one of "
                   "them with - before it");
  }
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<StoredRole> roles, store->Roles());
  if (order.starts_with('-')) std::reverse(roles.begin(), roles.end());
  Json list = Json::array();
  for (const StoredRole& role : Page(roles, offset, limit)) list.push_back(RoleJson(role));
  return Collection("roles", list, static_cast<int64_t>(roles.size()));
}

Result<StoredRole> FindRole(UserStore* store, const std::string& name) {
  auto role = store->Role(name);
  if (role.ok() || role.error().code != ErrorCode::kNotFound) return role;
  return NotFound("Role with name `" + name + "` was not found");
}

Result<Json> GetRole(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  BEEFLOW_ASSIGN_OR_RETURN(const StoredRole role, FindRole(store, call.Field("role_name")));
  return RoleJson(role);
}

// "name" of an object, "" where it is not one.
std::string NameIn(const Json& json) {
  if (!json.is_object()) return "";
  const auto name = json.find("name");
  return name != json.end() && name->is_string() ? name->get<std::string>() : "";
}

Result<std::vector<RolePermission>> ReadPermissions(const Json& json) {
  if (!json.is_array()) return Invalid("the body: actions must be a list");
  std::vector<RolePermission> permissions;
  for (const Json& item : json) {
    JsonReader in(item, "actions");
    RolePermission permission{NameIn(in.Raw("action")), NameIn(in.Raw("resource"))};
    if (permission.action.empty() || permission.resource.empty()) {
      in.Fail(R"(must hold {"action": {"name": "can_read"}, "resource": {"name": "DAGs"}})");
    }
    BEEFLOW_RETURN_IF_ERROR(in.status());
    permissions.push_back(std::move(permission));
  }
  return permissions;
}

Result<Json> PostRole(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(call.request(), {"name", "actions"}));
  JsonReader in(body, "the body");
  StoredRole role;
  role.name = in.String("name");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  if (body.contains("actions")) {
    BEEFLOW_ASSIGN_OR_RETURN(role.permissions, ReadPermissions(body["actions"]));
  }
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso({"role_created", "", "", "", role.name},
                                         [&] { return store->CreateRole(role); }));
  BEEFLOW_ASSIGN_OR_RETURN(const StoredRole created, store->Role(role.name));
  return RoleJson(created);
}

Result<Json> PatchRole(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  const std::string& name = call.Field("role_name");
  QueryReader query(call.request());
  const std::vector<std::string> mask = query.Texts("update_mask");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  for (const std::string& field : mask) {
    if (field != "name" && field != "actions") {
      return Invalid("'" + field + "' in update_mask is unknown");
    }
  }
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(call.request(), {"name", "actions"}));
  const auto asked = [&](const char* field) {
    return body.contains(field) &&
           (mask.empty() || std::find(mask.begin(), mask.end(), field) != mask.end());
  };
  BEEFLOW_ASSIGN_OR_RETURN(StoredRole role, FindRole(store, name));
  JsonReader in(body, "the body");
  if (asked("name")) role.name = in.String("name");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  if (asked("actions")) {
    BEEFLOW_ASSIGN_OR_RETURN(role.permissions, ReadPermissions(body["actions"]));
  }
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso({"role_changed", "", "", "", name},
                                         [&] { return store->UpdateRole(name, role); }));
  BEEFLOW_ASSIGN_OR_RETURN(const StoredRole changed, store->Role(role.name));
  return RoleJson(changed);
}

Result<Json> DeleteRole(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  const std::string& name = call.Field("role_name");
  if (name == kAdmin) return Invalid("role Admin cannot be deleted: who would manage users?");
  BEEFLOW_RETURN_IF_ERROR(FindRole(store, name));
  BEEFLOW_RETURN_IF_ERROR(
      call.WriteAlso({"role_deleted", "", "", "", name}, [&] { return store->DeleteRole(name); }));
  return Json();
}

Result<Json> ListPermissions(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  QueryReader query(call.request());
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(const auto names, store->ActionNames());
  Json list = Json::array();
  for (const std::string& name : Page(names, offset, limit)) list.push_back({{"name", name}});
  return Collection("actions", list, static_cast<int64_t>(names.size()));
}

void AddRolesBelow(const std::string& base, ApiRoutes* routes) {
  const std::string roles = base + "/roles";
  const auto on_roles = [](Action action) {
    return std::vector<Permission>{{action, resource::kRole}};
  };
  routes->AddJson(
      {"GET", roles, "get_roles", "List roles", on_roles(Action::kRead),
       WithPaging({{"order_by", ParameterType::kText, "name or -name."}}), "", "RoleCollection"},
      ListRoles);
  routes->AddJson(
      {"POST", roles, "post_role", "Create a role", on_roles(Action::kCreate), {}, "Role", "Role"},
      PostRole);
  const std::string one = roles + "/{role_name}";
  routes->AddJson({"GET", one, "get_role", "A role", on_roles(Action::kRead), {}, "", "Role"},
                  GetRole);
  routes->AddJson({"PATCH",
                   one,
                   "patch_role",
                   "Change a role",
                   on_roles(Action::kEdit),
                   {{"update_mask", ParameterType::kText, "Fields to change.", true}},
                   "Role",
                   "Role"},
                  PatchRole);
  Operation remove{"DELETE", one, "delete_role", "Delete a role", on_roles(Action::kDelete), {},
                   "",       ""};
  remove.status = 204;
  routes->AddJson(remove, DeleteRole);
  routes->AddJson({"GET",
                   base + "/permissions",
                   "get_permissions",
                   "List actions",
                   {{Action::kRead, resource::kPermission}},
                   WithPaging({}),
                   "",
                   "ActionCollection"},
                  ListPermissions);
}

}  // namespace

void AddRoleRoutes(ApiRoutes* routes) {
  for (const char* base : kUserBases) AddRolesBelow(base, routes);
}

}  // namespace beeflow
