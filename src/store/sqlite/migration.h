// The schema of the SQLite database: creating it, bringing it up to date, checking and emptying it.
// Migrations are numbered from 1 (schema/sqlite/); the table beeflow_schema lists those applied.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "store/sqlite/database.h"

namespace beeflow::sqlite {

// The version that this program knows: the number of its newest migration.
int NewestSchemaVersion();

// Applies the migrations that are missing, all in one transaction. Any number of processes may do
// so at once. kInvalid, with nothing changed, for a database that a newer Beeflow wrote or that is
// another program's.
Status Migrate(Database* database);

// Opens a database with the current schema, migrating it where needed.
Result<std::unique_ptr<Database>> OpenMigrated(const std::string& path, OpenMode mode);

}  // namespace beeflow::sqlite

namespace beeflow {

// For `beeflow db`. Each opens the database for itself.
// Creates the database, or brings it up to date.
Status MigrateDatabase(const std::string& path);
// Verifies the file's structure (PRAGMA integrity_check) and the schema's version; changes nothing.
Status CheckDatabase(const std::string& path);
// Deletes all data and starts with an empty schema, also where the schema is a newer one.
// kUnavailable while another process uses the database.
Status ResetDatabase(const std::string& path);

}  // namespace beeflow
