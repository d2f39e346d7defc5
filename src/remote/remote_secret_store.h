// Variables and Connections of a server elsewhere, over its REST API (ports/secret_store.h has the
// contract). Passwords of connections never leave a server: connections that are read have none,
// and
// "***" where their extra has a secret.
//
// Threads: one. Errors as those of RemoteCatalog.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/secret_store.h"
#include "remote/server_api.h"

namespace beeflow {

class RemoteSecretStore : public SecretStore {
 public:
  explicit RemoteSecretStore(std::unique_ptr<ServerApi> api) : api_(std::move(api)) {}

  Result<std::vector<std::string>> VariableKeys() override;
  Result<std::vector<std::string>> ConnectionIds() override;
  Result<std::optional<StoredVariable>> Variable(const std::string& key) override;
  Status SetVariable(const StoredVariable& variable) override;
  Result<bool> DeleteVariable(const std::string& key) override;
  Result<std::optional<StoredConnection>> Connection(const std::string& conn_id) override;
  Status SetConnection(const StoredConnection& connection) override;
  Result<bool> DeleteConnection(const std::string& conn_id) override;
  // kInvalid: keys stay where they are.
  Result<int64_t> RotateKey() override;

 private:
  std::unique_ptr<ServerApi> api_;
};

}  // namespace beeflow
