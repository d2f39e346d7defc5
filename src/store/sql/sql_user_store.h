// The UserStore on an SQL database (ports/user_store.h has the contract).
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ports/user_store.h"
#include "store/sql/database.h"

namespace beeflow {

class SqlUserStore : public UserStore {
 public:
  // With a connection of its own.
  explicit SqlUserStore(std::unique_ptr<sql::Database> database) : database_(std::move(database)) {}

  Result<bool> HasUsers() override;
  Result<std::vector<StoredUser>> Users() override;
  Result<StoredUser> User(const std::string& username) override;
  Result<StoredUser> UserById(int64_t id) override;
  Status CreateUser(const StoredUser& user, Time now) override;
  Status UpdateUser(const StoredUser& user, Time now) override;
  Status DeleteUser(const std::string& username) override;
  Status NoteSignIn(int64_t user_id, bool succeeded, Time now) override;

  Result<std::vector<StoredRole>> Roles() override;
  Result<StoredRole> Role(const std::string& name) override;
  Status CreateRole(const StoredRole& role) override;
  Status UpdateRole(const std::string& name, const StoredRole& role) override;
  Status DeleteRole(const std::string& name) override;
  Result<std::vector<std::string>> ActionNames() override;
  Result<std::vector<RolePermission>> PermissionsOf(const std::vector<std::string>& roles) override;
  Result<std::vector<std::pair<std::string, std::string>>> DagAccessOf(
      const std::vector<std::string>& roles) override;

  Status AddSession(const StoredSession& session) override;
  Result<std::optional<StoredSession>> Session(const std::string& id_hash) override;
  Status TouchSession(const std::string& id_hash, Time now) override;
  Result<bool> DeleteSession(const std::string& id_hash) override;

  Result<StoredToken> AddToken(const StoredToken& token) override;
  Result<std::vector<StoredToken>> Tokens() override;
  Result<std::optional<StoredToken>> TokenByHash(const std::string& hash) override;
  Status TouchToken(int64_t id, Time now) override;
  Status DeleteToken(int64_t id) override;

 private:
  Result<std::vector<std::string>> Names(Result<sql::Statement> rows);
  Result<StoredUser> ReadUser(const sql::Statement& row);
  Status CheckUser(const StoredUser& user);
  Status SetRolesOfUser(int64_t user_id, const std::vector<std::string>& roles);
  Result<int64_t> RoleId(const std::string& name);
  Status SetPermissions(int64_t role_id, const std::vector<RolePermission>& permissions);

  std::unique_ptr<sql::Database> database_;
};

}  // namespace beeflow
