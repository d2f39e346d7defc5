// Users, roles, sessions and API tokens. Passwords, session ids and tokens are here as hashes only.
//
// Threads: a UserStore belongs to one thread; several may be open on the same database at once.
// Every call is one transaction of its own.
// Errors: kNotFound names what is missing, kConflict what exists already, kInvalid what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace beeflow {

// In Airflow's words: "can_read" on "DAGs"; on one DAG: on "DAG:example".
struct RolePermission {
  std::string action;
  std::string resource;
  bool operator==(const RolePermission&) const = default;
  bool operator<(const RolePermission& other) const {
    return std::tie(action, resource) < std::tie(other.action, other.resource);
  }
};

struct StoredRole {
  std::string name;
  std::vector<RolePermission> permissions;  // in order
};

struct StoredUser {
  int64_t id = 0;
  std::string username, first_name, last_name, email;
  bool is_active = true;           // others cannot sign in
  std::vector<std::string> roles;  // in order
  std::string password_hash;       // "": has none, and cannot sign in with one
  std::optional<Time> last_login, created_on, changed_on;
  int64_t login_count = 0;
  int64_t fail_login_count = 0;  // since the last success
};

struct StoredSession {
  std::string id_hash;
  int64_t user_id = 0;
  std::string csrf_token;
  Time created{}, last_used{}, expires{};
  std::string address;  // that signed in
};

struct StoredToken {
  int64_t id = 0;
  std::string hash;
  std::string name;
  int64_t user_id = 0;
  std::string username;  // ignored when storing
  std::string scope;     // see ports/api_token.h
  Time created{};
  std::optional<Time> expires, last_used;
};

class UserStore {
 public:
  virtual ~UserStore() = default;

  virtual Result<bool> HasUsers() = 0;
  virtual Result<std::vector<StoredUser>> Users() = 0;  // by name
  virtual Result<StoredUser> User(const std::string& username) = 0;
  virtual Result<StoredUser> UserById(int64_t id) = 0;
  // With these roles, which exist. kConflict where the name or the address is taken.
  virtual Status CreateUser(const StoredUser& user, Time now) = 0;
  // Replaces names, address, activity, roles and password of the user with this id.
  virtual Status UpdateUser(const StoredUser& user, Time now) = 0;
  virtual Status DeleteUser(const std::string& username) = 0;
  // Counts a sign-in, or one that failed.
  virtual Status NoteSignIn(int64_t user_id, bool succeeded, Time now) = 0;

  virtual Result<std::vector<StoredRole>> Roles() = 0;  // by name
  virtual Result<StoredRole> Role(const std::string& name) = 0;
  virtual Status CreateRole(const StoredRole& role) = 0;
  // Renames it, and replaces its permissions.
  virtual Status UpdateRole(const std::string& name, const StoredRole& role) = 0;
  virtual Status DeleteRole(const std::string& name) = 0;
  virtual Result<std::vector<std::string>> ActionNames() = 0;
  // What some of these roles may.
  virtual Result<std::vector<RolePermission>> PermissionsOf(
      const std::vector<std::string>& roles) = 0;
  // DAG and action: what the DAGs' own access_control lets some of these roles do.
  virtual Result<std::vector<std::pair<std::string, std::string>>> DagAccessOf(
      const std::vector<std::string>& roles) = 0;

  // Adds it, and removes those that have expired.
  virtual Status AddSession(const StoredSession& session) = 0;
  virtual Result<std::optional<StoredSession>> Session(const std::string& id_hash) = 0;
  virtual Status TouchSession(const std::string& id_hash, Time now) = 0;
  // False where there is none.
  virtual Result<bool> DeleteSession(const std::string& id_hash) = 0;

  // kConflict where the user has one of this name.
  virtual Result<StoredToken> AddToken(const StoredToken& token) = 0;
  virtual Result<std::vector<StoredToken>> Tokens() = 0;  // by user and name
  virtual Result<std::optional<StoredToken>> TokenByHash(const std::string& hash) = 0;
  virtual Status TouchToken(int64_t id, Time now) = 0;
  virtual Status DeleteToken(int64_t id) = 0;
};

}  // namespace beeflow
