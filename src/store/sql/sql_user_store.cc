#include "store/sql/sql_user_store.h"

#include "store/sql/user_queries.h"

namespace beeflow {
namespace {

using sql::Database;
using sql::Statement;
using sql::TransactionScope;

template <typename... Values>
Result<bool> Holds(Database* database, std::string_view sql, const Values&... values) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database->Query(sql, values...));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  return row && rows.Integer(0) != 0;
}

Error NoUser(const std::string& name) {
  return NotFound("there is no user '" + name + "'; `beeflow users list` shows all users");
}

Error NoRole(const std::string& name) {
  return NotFound("there is no role '" + name + "'; `beeflow roles list` shows all roles");
}

// Columns of BEEFLOW_SESSION_COLUMNS.
StoredSession ReadSession(const Statement& row) {
  StoredSession session;
  session.id_hash = row.String(0);
  session.user_id = row.Integer(1);
  session.csrf_token = row.String(2);
  session.created = row.OptionalTime(3).value_or(Time{});
  session.last_used = row.OptionalTime(4).value_or(Time{});
  session.expires = row.OptionalTime(5).value_or(Time{});  // what cannot be read has expired
  session.address = row.String(6);
  return session;
}

// Columns of BEEFLOW_TOKEN_COLUMNS.
StoredToken ReadToken(const Statement& row) {
  StoredToken token;
  token.id = row.Integer(0);
  token.hash = row.String(1);
  token.name = row.String(2);
  token.user_id = row.Integer(3);
  token.username = row.String(4);
  token.scope = row.String(5);
  token.created = row.OptionalTime(6).value_or(Time{});
  if (!row.IsNull(7)) token.expires = row.OptionalTime(7).value_or(Time{});
  token.last_used = row.OptionalTime(8);
  return token;
}

}  // namespace

Result<std::vector<std::string>> SqlUserStore::Names(Result<Statement> rows) {
  if (!rows.ok()) return rows.error();
  std::vector<std::string> names;
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows->Step());
    if (!row) return names;
    names.push_back(rows->String(0));
  }
}

Result<bool> SqlUserStore::HasUsers() { return Holds(database_.get(), sql::kHasUsers); }

// Columns of BEEFLOW_USER_COLUMNS.
Result<StoredUser> SqlUserStore::ReadUser(const Statement& row) {
  StoredUser user;
  user.id = row.Integer(0);
  user.username = row.String(1);
  user.first_name = row.String(2);
  user.last_name = row.String(3);
  user.email = row.String(4);
  user.is_active = row.Integer(5) != 0;
  user.password_hash = row.String(6);
  user.last_login = row.OptionalTime(7);
  user.created_on = row.OptionalTime(8);
  user.changed_on = row.OptionalTime(9);
  user.login_count = row.Integer(10);
  user.fail_login_count = row.Integer(11);
  BEEFLOW_ASSIGN_OR_RETURN(user.roles, Names(database_->Query(sql::kRolesOfUser, user.id)));
  return user;
}

Result<std::vector<StoredUser>> SqlUserStore::Users() {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kUsers));
  std::vector<StoredUser> users;
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return users;
    BEEFLOW_ASSIGN_OR_RETURN(StoredUser user, ReadUser(rows));
    users.push_back(std::move(user));
  }
}

Result<StoredUser> SqlUserStore::User(const std::string& username) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kUser, username));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return NoUser(username);
  return ReadUser(rows);
}

Result<StoredUser> SqlUserStore::UserById(int64_t id) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kUserById, id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return NotFound("there is no user with the id " + std::to_string(id));
  return ReadUser(rows);
}

Status SqlUserStore::CheckUser(const StoredUser& user) {
  if (user.username.empty()) return Invalid("a user needs a username");
  if (user.email.empty()) return Invalid("a user needs an email address");
  Database* database = database_.get();
  BEEFLOW_ASSIGN_OR_RETURN(const bool name_taken,
                           Holds(database, sql::kUserNameTaken, user.username, user.id));
  if (name_taken) {
    return Conflict("Username `" + user.username + "` already exists. Use PATCH to update.");
  }
  BEEFLOW_ASSIGN_OR_RETURN(const bool email_taken,
                           Holds(database, sql::kEmailTaken, user.email, user.id));
  if (email_taken) {
    return Conflict("The email `" + user.email + "` is already taken.");
  }
  return Ok();
}

Status SqlUserStore::SetRolesOfUser(int64_t user_id, const std::vector<std::string>& roles) {
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeleteRolesOfUser, user_id));
  for (const std::string& role : roles) {
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t role_id, RoleId(role));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kAddRoleOfUser, user_id, role_id));
  }
  return Ok();
}

Status SqlUserStore::CreateUser(const StoredUser& user, Time now) {
  BEEFLOW_ASSIGN_OR_RETURN(auto scope, TransactionScope::Write(database_.get()));
  StoredUser added = user;
  added.id = 0;  // no row's
  BEEFLOW_RETURN_IF_ERROR(CheckUser(added));
  BEEFLOW_ASSIGN_OR_RETURN(
      const int64_t id,
      database_->QueryInteger(sql::kInsertUser, user.username, user.first_name, user.last_name,
                              user.email, user.is_active, user.password_hash, now, now));
  BEEFLOW_RETURN_IF_ERROR(SetRolesOfUser(id, user.roles));
  return scope.Commit();
}

Status SqlUserStore::UpdateUser(const StoredUser& user, Time now) {
  BEEFLOW_ASSIGN_OR_RETURN(auto scope, TransactionScope::Write(database_.get()));
  BEEFLOW_RETURN_IF_ERROR(CheckUser(user));
  BEEFLOW_ASSIGN_OR_RETURN(
      const int64_t rows,
      database_->Execute(sql::kUpdateUser, user.username, user.first_name, user.last_name,
                         user.email, user.is_active, user.password_hash, now, user.id));
  if (rows == 0) return NoUser(user.username);
  BEEFLOW_RETURN_IF_ERROR(SetRolesOfUser(user.id, user.roles));
  return scope.Commit();
}

Status SqlUserStore::DeleteUser(const std::string& username) {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows, database_->Execute(sql::kDeleteUser, username));
  return rows > 0 ? Ok() : Status(NoUser(username));
}

Status SqlUserStore::NoteSignIn(int64_t user_id, bool succeeded, Time now) {
  if (succeeded) {
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kNoteSuccess, now, user_id));
  } else {
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kNoteFailure, user_id));
  }
  return Ok();
}

Result<int64_t> SqlUserStore::RoleId(const std::string& name) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kRoleId, name));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return NoRole(name);
  return rows.Integer(0);
}

Result<std::vector<StoredRole>> SqlUserStore::Roles() {
  BEEFLOW_ASSIGN_OR_RETURN(const auto names, Names(database_->Query(sql::kRoleNames)));
  std::vector<StoredRole> roles;
  for (const std::string& name : names) {
    BEEFLOW_ASSIGN_OR_RETURN(auto permissions, PermissionsOf({name}));
    roles.push_back({name, std::move(permissions)});
  }
  return roles;
}

Result<StoredRole> SqlUserStore::Role(const std::string& name) {
  BEEFLOW_RETURN_IF_ERROR(RoleId(name));
  BEEFLOW_ASSIGN_OR_RETURN(auto permissions, PermissionsOf({name}));
  return StoredRole{name, std::move(permissions)};
}

Status SqlUserStore::SetPermissions(int64_t role_id,
                                    const std::vector<RolePermission>& permissions) {
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeletePermissionsOfRole, role_id));
  for (const RolePermission& permission : permissions) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool known,
                             Holds(database_.get(), sql::kActionExists, permission.action));
    if (!known) {
      return Invalid("there is no action '" + permission.action +
                     "'; use can_read, can_create, can_edit, can_delete or menu_access");
    }
    if (permission.resource.empty()) return Invalid("a permission needs a resource");
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kEnsureResource, permission.resource));
    BEEFLOW_RETURN_IF_ERROR(
        database_->Send(sql::kEnsurePermission, permission.action, permission.resource));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kAddPermissionOfRole, role_id, permission.action,
                                            permission.resource));
  }
  return Ok();
}

Status SqlUserStore::CreateRole(const StoredRole& role) {
  if (role.name.empty()) return Invalid("a role needs a name");
  BEEFLOW_ASSIGN_OR_RETURN(auto scope, TransactionScope::Write(database_.get()));
  if (RoleId(role.name).ok()) {
    return Conflict("Role with name `" + role.name +
                    "` already exists; please update with the PATCH endpoint");
  }
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t id, database_->QueryInteger(sql::kInsertRole, role.name));
  BEEFLOW_RETURN_IF_ERROR(SetPermissions(id, role.permissions));
  return scope.Commit();
}

Status SqlUserStore::UpdateRole(const std::string& name, const StoredRole& role) {
  if (role.name.empty()) return Invalid("a role needs a name");
  BEEFLOW_ASSIGN_OR_RETURN(auto scope, TransactionScope::Write(database_.get()));
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t id, RoleId(name));
  if (role.name != name && RoleId(role.name).ok()) {
    return Conflict("Role with name `" + role.name + "` already exists");
  }
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kRenameRole, role.name, id));
  BEEFLOW_RETURN_IF_ERROR(SetPermissions(id, role.permissions));
  return scope.Commit();
}

Status SqlUserStore::DeleteRole(const std::string& name) {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t id, RoleId(name));
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeleteRole, id));
  return Ok();
}

Result<std::vector<std::string>> SqlUserStore::ActionNames() {
  return Names(database_->Query(sql::kActionNames));
}

Result<std::vector<RolePermission>> SqlUserStore::PermissionsOf(
    const std::vector<std::string>& roles) {
  std::vector<RolePermission> permissions;
  for (const std::string& role : roles) {
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kPermissionsOfRole, role));
    while (true) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) break;
      permissions.push_back({rows.String(0), rows.String(1)});
    }
  }
  return permissions;
}

Result<std::vector<std::pair<std::string, std::string>>> SqlUserStore::DagAccessOf(
    const std::vector<std::string>& roles) {
  std::vector<std::pair<std::string, std::string>> access;
  for (const std::string& role : roles) {
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kDagAccessOfRole, role));
    while (true) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) break;
      access.emplace_back(rows.String(0), rows.String(1));
    }
  }
  return access;
}

Status SqlUserStore::AddSession(const StoredSession& session) {
  BEEFLOW_ASSIGN_OR_RETURN(auto scope, TransactionScope::Write(database_.get()));
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeleteExpiredSessions, session.created));
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kAddSession, session.id_hash, session.user_id,
                                          session.csrf_token, session.created, session.last_used,
                                          session.expires, session.address));
  return scope.Commit();
}

Result<std::optional<StoredSession>> SqlUserStore::Session(const std::string& id_hash) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kSession, id_hash));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return std::optional<StoredSession>();
  return std::optional(ReadSession(rows));
}

Status SqlUserStore::TouchSession(const std::string& id_hash, Time now) {
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kTouchSession, now, id_hash));
  return Ok();
}

Result<bool> SqlUserStore::DeleteSession(const std::string& id_hash) {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows, database_->Execute(sql::kDeleteSession, id_hash));
  return rows > 0;
}

Result<StoredToken> SqlUserStore::AddToken(const StoredToken& token) {
  if (token.name.empty()) return Invalid("a token needs a name");
  BEEFLOW_ASSIGN_OR_RETURN(auto scope, TransactionScope::Write(database_.get()));
  BEEFLOW_ASSIGN_OR_RETURN(const StoredUser user, UserById(token.user_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool taken,
                           Holds(database_.get(), sql::kTokenNameTaken, token.user_id, token.name));
  if (taken) {
    return Conflict("user '" + user.username + "' already has a token named '" + token.name +
                    "'; choose another name, or delete it first");
  }
  StoredToken added = token;
  BEEFLOW_ASSIGN_OR_RETURN(
      added.id, database_->QueryInteger(sql::kAddToken, token.hash, token.name, token.user_id,
                                        token.scope, token.created, token.expires));
  added.username = user.username;
  BEEFLOW_RETURN_IF_ERROR(scope.Commit());
  return added;
}

Result<std::vector<StoredToken>> SqlUserStore::Tokens() {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kTokens));
  std::vector<StoredToken> tokens;
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return tokens;
    tokens.push_back(ReadToken(rows));
  }
}

Result<std::optional<StoredToken>> SqlUserStore::TokenByHash(const std::string& hash) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kTokenByHash, hash));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return std::optional<StoredToken>();
  return std::optional(ReadToken(rows));
}

Status SqlUserStore::TouchToken(int64_t id, Time now) {
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kTouchToken, now, id));
  return Ok();
}

Status SqlUserStore::DeleteToken(int64_t id) {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows, database_->Execute(sql::kDeleteToken, id));
  return rows > 0 ? Ok() : Status(NotFound("there is no token with the id " + std::to_string(id)));
}

}  // namespace beeflow
