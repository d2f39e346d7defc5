// The SQL of users, roles, sessions and API tokens.
#pragma once

#include <string_view>

namespace beeflow::sql {

#define BEEFLOW_USER_COLUMNS                                                              \
  "id, username, first_name, last_name, email, active, password, last_login, created_on," \
  " changed_on, login_count, fail_login_count"
#define BEEFLOW_SESSION_COLUMNS "id_hash, user_id, csrf_token, created, last_used, expires, address"
#define BEEFLOW_TOKEN_COLUMNS                                                               \
  "t.id, t.hash, t.name, t.user_id, u.username, t.scope, t.created, t.expires, t.last_used" \
  " FROM api_token t JOIN ab_user u ON u.id = t.user_id"

inline constexpr std::string_view kHasUsers = "SELECT EXISTS (SELECT 1 FROM ab_user)";
inline constexpr std::string_view kUsers =
    "SELECT " BEEFLOW_USER_COLUMNS " FROM ab_user ORDER BY username";
inline constexpr std::string_view kUser =
    "SELECT " BEEFLOW_USER_COLUMNS " FROM ab_user WHERE username = $1";
inline constexpr std::string_view kUserById =
    "SELECT " BEEFLOW_USER_COLUMNS " FROM ab_user WHERE id = $1";
// Whoever else has the name or the address.
inline constexpr std::string_view kUserNameTaken =
    "SELECT EXISTS (SELECT 1 FROM ab_user WHERE username = $1 AND id <> $2)";
inline constexpr std::string_view kEmailTaken =
    "SELECT EXISTS (SELECT 1 FROM ab_user WHERE email = $1 AND id <> $2)";
inline constexpr std::string_view kInsertUser =
    "INSERT INTO ab_user (username, first_name, last_name, email, active, password, created_on,"
    " changed_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
inline constexpr std::string_view kUpdateUser =
    "UPDATE ab_user SET username = $1, first_name = $2, last_name = $3, email = $4, active = $5,"
    " password = $6, changed_on = $7 WHERE id = $8";
inline constexpr std::string_view kDeleteUser = "DELETE FROM ab_user WHERE username = $1";
inline constexpr std::string_view kNoteSuccess =
    "UPDATE ab_user SET login_count = login_count + 1, fail_login_count = 0, last_login = $1"
    " WHERE id = $2";
inline constexpr std::string_view kNoteFailure =
    "UPDATE ab_user SET fail_login_count = fail_login_count + 1 WHERE id = $1";

inline constexpr std::string_view kRolesOfUser =
    "SELECT r.name FROM ab_user_role ur JOIN ab_role r ON r.id = ur.role_id"
    " WHERE ur.user_id = $1 ORDER BY r.name";
inline constexpr std::string_view kDeleteRolesOfUser =
    "DELETE FROM ab_user_role WHERE user_id = $1";
inline constexpr std::string_view kAddRoleOfUser =
    "INSERT INTO ab_user_role (user_id, role_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";

inline constexpr std::string_view kRoleNames = "SELECT name FROM ab_role ORDER BY name";
inline constexpr std::string_view kRoleId = "SELECT id FROM ab_role WHERE name = $1";
inline constexpr std::string_view kInsertRole =
    "INSERT INTO ab_role (name) VALUES ($1) RETURNING id";
inline constexpr std::string_view kRenameRole = "UPDATE ab_role SET name = $1 WHERE id = $2";
inline constexpr std::string_view kDeleteRole = "DELETE FROM ab_role WHERE id = $1";
inline constexpr std::string_view kPermissionsOfRole =
    "SELECT p.action, p.resource FROM ab_role r JOIN role_permission p ON p.role_id = r.id"
    " WHERE r.name = $1 ORDER BY p.resource, p.action";
inline constexpr std::string_view kDeletePermissionsOfRole =
    "DELETE FROM ab_permission_view_role WHERE role_id = $1";
inline constexpr std::string_view kEnsureResource =
    "INSERT INTO ab_view_menu (name) VALUES ($1) ON CONFLICT DO NOTHING";
inline constexpr std::string_view kActionExists =
    "SELECT EXISTS (SELECT 1 FROM ab_permission WHERE name = $1)";
inline constexpr std::string_view kEnsurePermission =
    "INSERT INTO ab_permission_view (permission_id, view_menu_id)"
    " SELECT p.id, v.id FROM ab_permission p, ab_view_menu v WHERE p.name = $1 AND v.name = $2"
    " ON CONFLICT DO NOTHING";
inline constexpr std::string_view kAddPermissionOfRole =
    "INSERT INTO ab_permission_view_role (permission_view_id, role_id)"
    " SELECT pv.id, $1 FROM ab_permission_view pv JOIN ab_permission p ON p.id = pv.permission_id"
    " JOIN ab_view_menu v ON v.id = pv.view_menu_id WHERE p.name = $2 AND v.name = $3"
    " ON CONFLICT DO NOTHING";
inline constexpr std::string_view kActionNames = "SELECT name FROM ab_permission ORDER BY name";
inline constexpr std::string_view kDagAccessOfRole =
    "SELECT dag_id, action FROM dag_access WHERE role = $1";

inline constexpr std::string_view kDeleteExpiredSessions =
    "DELETE FROM session WHERE expires <= $1";
inline constexpr std::string_view kAddSession =
    "INSERT INTO session (" BEEFLOW_SESSION_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7)";
inline constexpr std::string_view kSession =
    "SELECT " BEEFLOW_SESSION_COLUMNS " FROM session WHERE id_hash = $1";
inline constexpr std::string_view kTouchSession =
    "UPDATE session SET last_used = $1 WHERE id_hash = $2";
inline constexpr std::string_view kDeleteSession = "DELETE FROM session WHERE id_hash = $1";

inline constexpr std::string_view kTokenNameTaken =
    "SELECT EXISTS (SELECT 1 FROM api_token WHERE user_id = $1 AND name = $2)";
inline constexpr std::string_view kAddToken =
    "INSERT INTO api_token (hash, name, user_id, scope, created, expires)"
    " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
inline constexpr std::string_view kTokens =
    "SELECT " BEEFLOW_TOKEN_COLUMNS " ORDER BY u.username, t.name";
inline constexpr std::string_view kTokenByHash =
    "SELECT " BEEFLOW_TOKEN_COLUMNS " WHERE t.hash = $1";
inline constexpr std::string_view kTouchToken = "UPDATE api_token SET last_used = $1 WHERE id = $2";
inline constexpr std::string_view kDeleteToken = "DELETE FROM api_token WHERE id = $1";

// Every statement of this file, for the test of their parameters.
inline constexpr std::string_view kUserStatements[] = {kHasUsers,
                                                       kUsers,
                                                       kUser,
                                                       kUserById,
                                                       kUserNameTaken,
                                                       kEmailTaken,
                                                       kInsertUser,
                                                       kUpdateUser,
                                                       kDeleteUser,
                                                       kNoteSuccess,
                                                       kNoteFailure,
                                                       kRolesOfUser,
                                                       kDeleteRolesOfUser,
                                                       kAddRoleOfUser,
                                                       kRoleNames,
                                                       kRoleId,
                                                       kInsertRole,
                                                       kRenameRole,
                                                       kDeleteRole,
                                                       kPermissionsOfRole,
                                                       kEnsureResource,
                                                       kDeletePermissionsOfRole,
                                                       kActionExists,
                                                       kEnsurePermission,
                                                       kActionNames,
                                                       kAddPermissionOfRole,
                                                       kDagAccessOfRole,
                                                       kDeleteExpiredSessions,
                                                       kAddSession,
                                                       kSession,
                                                       kTouchSession,
                                                       kDeleteSession,
                                                       kTokenNameTaken,
                                                       kAddToken,
                                                       kTokens,
                                                       kTokenByHash,
                                                       kTouchToken,
                                                       kDeleteToken};

}  // namespace beeflow::sql
