// Storing what parsing a DAG file gave: DAGs, their versions, tags, source and import errors.
// Runs within the caller's write transaction.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "ports/parsed_file.h"
#include "store/sql/database.h"

namespace beeflow::sql {

Status SyncDagFile(Database* database, const ParsedFile& file, bool paused_at_creation, Time now);
Status RemoveDagFile(Database* database, const std::string& path);

}  // namespace beeflow::sql
