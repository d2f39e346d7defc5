#include "store/sqlite/migration.h"

#include "store/sqlite/migration_scripts.h"

namespace beeflow::sqlite {
namespace {

constexpr const char* kCreateVersionTable =
    "CREATE TABLE IF NOT EXISTS beeflow_schema (version INTEGER PRIMARY KEY) STRICT";
constexpr const char* kRecordVersion = "INSERT INTO beeflow_schema (version) VALUES ($1)";

Result<bool> HasTable(Database* database, const char* name) {
  BEEFLOW_ASSIGN_OR_RETURN(
      Statement statement,
      database->Query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1", name));
  return statement.Step();
}

// 0 for an empty file.
Result<int> SchemaVersion(Database* database) {
  BEEFLOW_ASSIGN_OR_RETURN(const bool is_ours, HasTable(database, "beeflow_schema"));
  if (is_ours) {
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t version,
                             database->QueryInteger("SELECT max(version) FROM beeflow_schema"));
    return static_cast<int>(version);
  }
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t tables,
                           database->QueryInteger("SELECT count(*) FROM sqlite_schema"));
  if (tables == 0) return 0;
  return Invalid("database " + database->name() +
                 " belongs to another program; name another file for Beeflow");
}

Status RefuseNewer(const Database& database, int version) {
  if (version <= NewestSchemaVersion()) return Ok();
  return Invalid("database " + database.name() + " has schema version " + std::to_string(version) +
                 ", and this program knows versions up to " +
                 std::to_string(NewestSchemaVersion()) +
                 "; run the newer Beeflow that wrote it, or name another database");
}

Status Apply(Database* database, const sql::MigrationScript& script) {
  BEEFLOW_RETURN_IF_ERROR(database->ExecuteScript(script.sql));
  BEEFLOW_RETURN_IF_ERROR(database->Execute(kRecordVersion, script.version));
  return Ok();
}

Status RunIntegrityCheck(Database* database) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement statement, database->PrepareOnce("PRAGMA integrity_check"));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (row && statement.Text(0) == "ok") return Ok();
  return Internal("database " + database->name() + " is damaged (" + statement.String(0) +
                  "); restore a backup, or salvage it with sqlite3's .recover");
}

}  // namespace

int NewestSchemaVersion() { return kMigrationScripts[kMigrationScriptCount - 1].version; }

Status Migrate(Database* database) {
  // Nearly always there is nothing to do, and that needs no write lock.
  BEEFLOW_ASSIGN_OR_RETURN(int version, SchemaVersion(database));
  BEEFLOW_RETURN_IF_ERROR(RefuseNewer(*database, version));
  BEEFLOW_RETURN_IF_ERROR(database->UseWriteAheadLog());
  if (version == NewestSchemaVersion()) return Ok();

  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope transaction, TransactionScope::Write(database));
  BEEFLOW_ASSIGN_OR_RETURN(version, SchemaVersion(database));  // Another may have been quicker.
  BEEFLOW_RETURN_IF_ERROR(RefuseNewer(*database, version));
  BEEFLOW_RETURN_IF_ERROR(database->Execute(kCreateVersionTable));
  for (int i = version; i < kMigrationScriptCount; ++i) {
    BEEFLOW_RETURN_IF_ERROR(Apply(database, kMigrationScripts[i]));
  }
  return transaction.Commit();
}

Result<std::unique_ptr<Database>> OpenMigrated(const std::string& path, OpenMode mode) {
  BEEFLOW_ASSIGN_OR_RETURN(std::unique_ptr<Database> database, Database::Open(path, mode));
  BEEFLOW_RETURN_IF_ERROR(Migrate(database.get()));
  return database;
}

}  // namespace beeflow::sqlite

namespace beeflow {

Status MigrateDatabase(const std::string& path) {
  BEEFLOW_RETURN_IF_ERROR(sqlite::OpenMigrated(path, sqlite::OpenMode::kCreate));
  return Ok();
}

Status CheckDatabase(const std::string& path) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto database,
                           sqlite::Database::Open(path, sqlite::OpenMode::kExisting));
  BEEFLOW_ASSIGN_OR_RETURN(const int version, sqlite::SchemaVersion(database.get()));
  BEEFLOW_RETURN_IF_ERROR(sqlite::RefuseNewer(*database, version));
  if (version < sqlite::NewestSchemaVersion()) {
    return Invalid("database " + path + " has schema version " + std::to_string(version) +
                   ", which is older than this program's " +
                   std::to_string(sqlite::NewestSchemaVersion()) +
                   "; bring it up to date with `beeflow db migrate`");
  }
  return sqlite::RunIntegrityCheck(database.get());
}

Status ResetDatabase(const std::string& path) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto database,
                           sqlite::Database::Open(path, sqlite::OpenMode::kCreate));
  BEEFLOW_RETURN_IF_ERROR(sqlite::SchemaVersion(database.get()));  // Refuses other programs' files.
  // SQLite's own way to empty a database in place: others that have it open see an empty database,
  // instead of writing on to a file that is deleted.
  sqlite3* handle = database->handle();
  sqlite3_db_config(handle, SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr);
  Status emptied = database->ExecuteScript("VACUUM");
  sqlite3_db_config(handle, SQLITE_DBCONFIG_RESET_DATABASE, 0, nullptr);
  if (!emptied.ok()) return emptied;
  return sqlite::Migrate(database.get());
}

}  // namespace beeflow
