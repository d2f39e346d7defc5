// The RequestStore on an SQL database (ports/request_store.h has the contract).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/request_store.h"
#include "ports/secret_cipher.h"
#include "store/sql/sql_catalog.h"
#include "store/sql/sql_secret_store.h"

namespace beeflow {

class SqlRequestStore : public RequestStore {
 public:
  // With one connection, which the Catalog and the SecretStore share.
  SqlRequestStore(std::unique_ptr<sql::Database> database, std::unique_ptr<SecretCipher> cipher);

  Catalog& catalog() override { return catalog_; }
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
  SqlCatalog catalog_;
  std::unique_ptr<SecretCipher> cipher_;
  sql::Database* database_;
  SqlSecretStore secrets_;
};

}  // namespace beeflow
