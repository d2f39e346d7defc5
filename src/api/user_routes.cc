// users: list, one, making, changing, deleting
#include <algorithm>

#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"

namespace beeflow {
namespace {

constexpr std::initializer_list<const char*> kFields = {"username",  "email", "first_name",
                                                        "last_name", "roles", "password"};

Json UserJson(const StoredUser& user) {
  Json roles = Json::array();
  for (const std::string& role : user.roles) roles.push_back({{"name", role}});
  return {{"username", user.username},
          {"first_name", user.first_name},
          {"last_name", user.last_name},
          {"email", user.email},
          {"active", user.is_active},
          {"roles", roles},
          {"login_count", user.login_count},
          {"failed_login_count", user.fail_login_count},
          {"last_login", ToJson(user.last_login)},
          {"created_on", ToJson(user.created_on)},
          {"changed_on", ToJson(user.changed_on)}};
}

Status SortUsers(const std::string& order, std::vector<StoredUser>* users) {
  const bool descending = order.starts_with('-');
  const std::string column = descending ? order.substr(1) : order;
  const auto sort = [&](auto value) {
    std::stable_sort(users->begin(), users->end(), [&](const auto& a, const auto& b) {
      return descending ? value(b) < value(a) : value(a) < value(b);
    });
    return Ok();
  };
  if (column == "id" || column == "user_id") return sort([](const auto& u) { return u.id; });
  if (column == "username") return sort([](const auto& u) { return u.username; });
  if (column == "first_name") return sort([](const auto& u) { return u.first_name; });
  if (column == "last_name") return sort([](const auto& u) { return u.last_name; });
  if (column == "email") return sort([](const auto& u) { return u.email; });
  if (column == "active" || column == "is_active") {
    return sort([](const auto& u) { return u.is_active; });
  }
  return Invalid("Ordering with '" + column + "' is disallowed or the attribute does not exist");
}

Result<Json> ListUsers(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  QueryReader query(call.request());
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  const std::string order = query.Text("order_by").value_or("id");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<StoredUser> users, store->Users());
  BEEFLOW_RETURN_IF_ERROR(SortUsers(order, &users));
  Json list = Json::array();
  for (const StoredUser& user : Page(users, offset, limit)) list.push_back(UserJson(user));
  return Collection("users", list, static_cast<int64_t>(users.size()));
}

Result<StoredUser> FindUser(UserStore* store, const std::string& username) {
  auto user = store->User(username);
  if (user.ok() || user.error().code != ErrorCode::kNotFound) return user;
  return NotFound("The User with username `" + username + "` was not found");
}

Result<Json> GetUser(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  BEEFLOW_ASSIGN_OR_RETURN(const StoredUser user, FindUser(store, call.Field("username")));
  return UserJson(user);
}

Result<std::vector<std::string>> ReadRoles(UserStore* store, const Json& json) {
  std::vector<std::string> roles;
  std::string unknown;
  if (!json.is_array()) return Invalid("roles must be a list such as [{\"name\": \"Viewer\"}]");
  for (const Json& item : json) {
    JsonReader in(item, "roles");
    const std::string name = in.String("name");
    BEEFLOW_RETURN_IF_ERROR(in.status());
    const auto role = store->Role(name);
    if (!role.ok() && role.error().code != ErrorCode::kNotFound) return role.error();
    if (!role.ok()) unknown += (unknown.empty() ? "'" : ", '") + name + "'";
    roles.push_back(name);
  }
  if (!unknown.empty()) return Invalid("Unknown roles: " + unknown);
  return roles;
}

// Changes the fields of `user` that the body has and `mask`, unless it is empty, names.
Status ReadUser(ApiCall& call, const std::vector<std::string>& mask, StoredUser* user) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(call.request(), kFields));
  const auto asked = [&](const char* name) {
    return body.contains(name) &&
           (mask.empty() || std::find(mask.begin(), mask.end(), name) != mask.end());
  };
  JsonReader in(body, "the body");
  const auto read = [&](const char* name, std::string* value) {
    if (asked(name)) *value = in.String(name);
  };
  read("username", &user->username);
  read("email", &user->email);
  read("first_name", &user->first_name);
  read("last_name", &user->last_name);
  const std::string password = in.String("password");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  if (asked("roles")) {
    BEEFLOW_ASSIGN_OR_RETURN(user->roles, ReadRoles(store, in.Raw("roles")));
  }
  if (asked("password")) {
    BEEFLOW_ASSIGN_OR_RETURN(user->password_hash,
                             call.context().options().credentials->HashPassword(password));
  }
  return Ok();
}

Result<Json> PostUser(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(call.request(), kFields));
  for (const char* field : {"username", "email", "first_name", "last_name", "password"}) {
    if (!body.contains(field)) return Invalid(std::string("the body lacks ") + field);
  }
  StoredUser user;
  BEEFLOW_RETURN_IF_ERROR(ReadUser(call, {}, &user));
  if (user.roles.empty()) user.roles = {"Public"};
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso({"user_created", "", "", "", user.username},
                                         [&] { return store->CreateUser(user, call.Now()); }));
  BEEFLOW_ASSIGN_OR_RETURN(const StoredUser created, store->User(user.username));
  return UserJson(created);
}

Result<Json> PatchUser(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  QueryReader query(call.request());
  const std::vector<std::string> mask = query.Texts("update_mask");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  for (const std::string& field : mask) {
    if (std::find(kFields.begin(), kFields.end(), field) == kFields.end()) {
      return Invalid("Unknown update masks: '" + field + "'");
    }
  }
  BEEFLOW_ASSIGN_OR_RETURN(StoredUser user, FindUser(store, call.Field("username")));
  BEEFLOW_RETURN_IF_ERROR(ReadUser(call, mask, &user));
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso({"user_changed", "", "", "", call.Field("username")},
                                         [&] { return store->UpdateUser(user, call.Now()); }));
  BEEFLOW_ASSIGN_OR_RETURN(const StoredUser changed, store->UserById(user.id));
  return UserJson(changed);
}

Result<Json> DeleteUser(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  BEEFLOW_ASSIGN_OR_RETURN(const StoredUser user, FindUser(store, call.Field("username")));
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso({"user_deleted", "", "", "", user.username},
                                         [&] { return store->DeleteUser(user.username); }));
  return Json();
}

void AddUsersBelow(const std::string& base, ApiRoutes* routes) {
  const std::string users = base + "/users";
  const auto on_users = [](Action action) {
    return std::vector<Permission>{{action, resource::kUser}};
  };
  routes->AddJson(
      {"GET", users, "get_users", "List users", on_users(Action::kRead),
       WithPaging(
           {{"order_by", ParameterType::kText,
             "id, username, first_name, last_name, email or active; - in front: descending."}}),
       "", "UserCollection"},
      ListUsers);
  routes->AddJson({"POST",
                   users,
                   "post_user",
                   "Create a user",
                   on_users(Action::kCreate),
                   {},
                   "User",
                   "UserCollectionItem"},
                  PostUser);
  const std::string one = users + "/{username}";
  routes->AddJson(
      {"GET", one, "get_user", "A user", on_users(Action::kRead), {}, "", "UserCollectionItem"},
      GetUser);
  routes->AddJson({"PATCH",
                   one,
                   "patch_user",
                   "Change a user",
                   on_users(Action::kEdit),
                   {{"update_mask", ParameterType::kText, "Fields to change.", true}},
                   "User",
                   "UserCollectionItem"},
                  PatchUser);
  Operation remove{"DELETE", one, "delete_user", "Delete a user", on_users(Action::kDelete), {},
                   "",       ""};
  remove.status = 204;
  routes->AddJson(remove, DeleteUser);
}

}  // namespace

void AddUserRoutes(ApiRoutes* routes) {
  for (const char* base : kUserBases) AddUsersBelow(base, routes);
}

}  // namespace beeflow
