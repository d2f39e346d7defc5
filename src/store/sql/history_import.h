// Takes over what another metadata database holds: one of Beeflow, or one of Airflow 2.x, whose
// tables have the same names and columns.
//
// Threads and errors: as the databases. What is there already stays as it is, so an import that was
// interrupted is simply started again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "ports/secret_cipher.h"
#include "store/sql/database.h"

namespace beeflow::sql {

struct ImportCounts {
  int64_t dags = 0;
  int64_t runs = 0;
  int64_t tasks = 0;
  int64_t pools = 0;
  int64_t variables = 0;
  int64_t connections = 0;
};

struct ImportSource {
  Database* database;
  SecretCipher* cipher;  // decrypts its Variables and connections
};

// Pools, Variables, connections, which DAGs are paused, and each run with its task instances, their
// failures, attempts, XComs, notes and missed SLAs; then the audit log. DAGs are inactive until
// their files are imported. Task instances that have not ended have no state, and their runs are
// queued: they run again here. A run's conf is taken over where it is JSON (Airflow 2 pickles it).
//
// `told` is called after each thousand runs. Nothing else may write to either database meanwhile.
Result<ImportCounts> ImportHistory(const ImportSource& from, Database* to, SecretCipher* cipher,
                                   const std::function<void(const ImportCounts&)>& told);

}  // namespace beeflow::sql
