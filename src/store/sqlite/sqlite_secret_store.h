// The SecretStore on an SQLite file (ports/secret_store.h has the contract).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/secret_cipher.h"
#include "ports/secret_store.h"
#include "store/sqlite/database.h"

namespace beeflow {

class SqliteSecretStore : public SecretStore {
 public:
  // With a connection of its own. Brings the schema up to date where needed.
  static Result<std::unique_ptr<SqliteSecretStore>> Open(const std::string& path,
                                                         sqlite::OpenMode mode,
                                                         std::unique_ptr<SecretCipher> cipher);
  // On a connection that others use too; both outlive the store.
  SqliteSecretStore(sqlite::Database* database, SecretCipher* cipher)
      : database_(database), cipher_(cipher) {}

  Result<std::vector<std::string>> VariableKeys() override;
  Result<std::vector<std::string>> ConnectionIds() override;
  Result<std::optional<StoredVariable>> Variable(const std::string& key) override;
  Status SetVariable(const StoredVariable& variable) override;
  Result<bool> DeleteVariable(const std::string& key) override;
  Result<std::optional<StoredConnection>> Connection(const std::string& conn_id) override;
  Status SetConnection(const StoredConnection& connection) override;
  Result<bool> DeleteConnection(const std::string& conn_id) override;
  Result<int64_t> RotateKey() override;

 private:
  Result<StoredVariable> ReadVariable(const sqlite::Statement& row);
  Result<StoredConnection> ReadConnection(const sqlite::Statement& row);
  // Decrypts it if it is encrypted; `what` names it.
  Result<std::string> Plain(std::string stored, bool is_encrypted, const std::string& what);

  std::unique_ptr<sqlite::Database> own_database_;
  std::unique_ptr<SecretCipher> own_cipher_;
  sqlite::Database* database_;
  SecretCipher* cipher_;
};

}  // namespace beeflow
