// The schema of a PostgreSQL database: creating it, bringing it up to date, checking and emptying
// it. Migrations are numbered from 1 (schema/postgres/); the table beeflow_schema lists those
// applied.
//
// Errors: kInvalid, with nothing changed, for a database that a newer Beeflow wrote, that is
// another program's, or whose server or role lacks what the change feed needs.
#pragma once

#include <memory>

#include "base/result.h"
#include "store/postgres/connection_pool.h"

namespace beeflow::postgres {

// Applies the migrations that are missing, all in one transaction, and makes the replication slot.
// Any number of processes may do so at once. Where the schema was created now, `created` becomes
// true.
Status Migrate(const std::shared_ptr<ConnectionPool>& pool, bool* created);
// Verifies the schema's version and the slot; changes nothing.
Status Check(const std::shared_ptr<ConnectionPool>& pool);
// Deletes all of Beeflow's tables and the slot, and starts with an empty schema. kUnavailable while
// a control process works.
Status Reset(const std::shared_ptr<ConnectionPool>& pool);

}  // namespace beeflow::postgres
