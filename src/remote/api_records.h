// What the API says, as the records that it was made from. What the API does not tell stays as it
// is in a new record. Errors name the field that is wrong.
#pragma once

#include "base/json.h"
#include "ports/catalog.h"
#include "ports/secret_store.h"

namespace beeflow {

Result<DagInfo> DagFromApi(const Json& json);
Result<RunRecord> RunFromApi(const Json& json);
Result<TaskInfo> TaskFromApi(const Json& json);
Result<PoolInfo> PoolFromApi(const Json& json);
Result<ImportErrorInfo> ImportErrorFromApi(const Json& json);
Result<AuditEntry> AuditEntryFromApi(const Json& json);
Result<BackfillInfo> BackfillFromApi(const Json& json);
Result<StoredVariable> VariableFromApi(const Json& json);
Result<StoredConnection> ConnectionFromApi(const Json& json);

// Each item of a list.
template <typename T>
Result<std::vector<T>> ListFromApi(const Json& list, Result<T> (*read)(const Json&)) {
  std::vector<T> all;
  for (const Json& item : list) {
    BEEFLOW_ASSIGN_OR_RETURN(T one, read(item));
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace beeflow
