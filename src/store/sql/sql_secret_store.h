// The SecretStore on an SQL database (ports/secret_store.h has the contract).
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ports/secret_cipher.h"
#include "ports/secret_store.h"
#include "store/sql/database.h"

namespace beeflow {

class SqlSecretStore : public SecretStore {
 public:
  // With a connection and a cipher of its own.
  SqlSecretStore(std::unique_ptr<sql::Database> database, std::unique_ptr<SecretCipher> cipher)
      : own_database_(std::move(database)),
        own_cipher_(std::move(cipher)),
        database_(own_database_.get()),
        cipher_(own_cipher_.get()) {}
  // On a connection that others use too; both outlive the store.
  SqlSecretStore(sql::Database* database, SecretCipher* cipher)
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
  Result<StoredVariable> ReadVariable(const sql::Statement& row);
  Result<StoredConnection> ReadConnection(const sql::Statement& row);
  // Decrypts it if it is encrypted; `what` names it.
  Result<std::string> Plain(std::string stored, bool is_encrypted, const std::string& what);

  std::unique_ptr<sql::Database> own_database_;
  std::unique_ptr<SecretCipher> own_cipher_;
  sql::Database* database_;
  SecretCipher* cipher_;
};

}  // namespace beeflow
