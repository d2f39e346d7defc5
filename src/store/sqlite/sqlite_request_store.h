// The RequestStore on an SQLite file (ports/request_store.h has the contract).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/request_store.h"
#include "ports/secret_cipher.h"
#include "store/sqlite/sqlite_catalog.h"
#include "store/sqlite/sqlite_secret_store.h"

namespace beeflow {

class SqliteRequestStore : public RequestStore {
 public:
  // With one connection, which the Catalog and the SecretStore share.
  static Result<std::unique_ptr<SqliteRequestStore>> Open(const std::string& path,
                                                          sqlite::OpenMode mode,
                                                          std::unique_ptr<SecretCipher> cipher);

  Catalog& catalog() override { return *catalog_; }
  SecretStore& secrets() override { return secrets_; }

  Result<std::optional<std::string>> XCom(const XComAddress& key) override;
  Result<std::vector<std::pair<int, std::string>>> XComsOfTask(const XComAddress& key) override;
  Result<std::optional<std::string>> PriorXCom(const XComAddress& key,
                                               std::optional<Time> until) override;
  Status SetXCom(const XComAddress& key, const std::string& value, Time now) override;
  Status ClearXComs(const XComAddress& key) override;
  Result<std::optional<RunRecord>> RunAt(const std::string& dag_id, Time logical_date) override;
  Result<std::optional<RunRecord>> RunBefore(const std::string& dag_id, Time logical_date,
                                             std::optional<RunState> state) override;
  Result<int64_t> CountRuns(const RunChoice& runs) override;
  Result<std::vector<TaskAtRun>> TasksOf(
      const RunChoice& runs, const std::optional<std::vector<std::string>>& task_ids) override;
  Result<std::vector<DatasetEventInfo>> DatasetEvents(const std::string& uri) override;
  Result<std::vector<DatasetEventInfo>> AliasEvents(const std::string& alias) override;
  Result<std::vector<DatasetEventInfo>> TriggeringEvents(const RunKey& run) override;

 private:
  SqliteRequestStore(std::unique_ptr<SqliteCatalog> catalog, std::unique_ptr<SecretCipher> cipher);

  std::unique_ptr<SqliteCatalog> catalog_;
  std::unique_ptr<SecretCipher> cipher_;
  sqlite::Database* database_;
  SqliteSecretStore secrets_;
};

}  // namespace beeflow
