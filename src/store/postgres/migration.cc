#include "store/postgres/migration.h"

#include <string>
#include <string_view>

#include "store/postgres/migration_scripts.h"
#include "store/postgres/replication.h"

namespace beeflow::postgres {
namespace {

int NewestVersion() { return kMigrationScripts[kMigrationScriptCount - 1].version; }

// 0 for a database without tables.
Result<int> SchemaVersion(Connection* connection) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const int64_t is_ours,
      connection->QueryInteger("SELECT count(*) FROM pg_class WHERE relname = 'beeflow_schema'"
                               " AND pg_table_is_visible(oid)"));
  if (is_ours != 0) {
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t version,
                             connection->QueryInteger("SELECT max(version) FROM beeflow_schema"));
    return static_cast<int>(version);
  }
  BEEFLOW_ASSIGN_OR_RETURN(
      const int64_t is_foreign,
      connection->QueryInteger("SELECT count(*) FROM pg_class WHERE relname IN"
                               " ('dag_run', 'task_instance', 'alembic_version')"
                               " AND pg_table_is_visible(oid)"));
  if (is_foreign == 0) return 0;
  return Invalid("database " + connection->name() +
                 " belongs to Airflow or another program; give Beeflow a database of its own, and "
                 "take over the history with `beeflow db import --from URL`");
}

Status RefuseNewer(const Connection& connection, int version) {
  if (version <= NewestVersion()) return Ok();
  return Invalid("database " + connection.name() + " has schema version " +
                 std::to_string(version) + ", and this program knows versions up to " +
                 std::to_string(NewestVersion()) +
                 "; run the newer Beeflow that wrote it, or name another database");
}

// Other processes that migrate wait for the lock. The number is "schema" in ASCII.
constexpr const char* kBegin = "BEGIN; SELECT pg_advisory_xact_lock(126870790434145)";

Status ApplyMissing(Connection* connection, bool* created) {
  BEEFLOW_RETURN_IF_ERROR(connection->ExecuteScript(kBegin));
  BEEFLOW_ASSIGN_OR_RETURN(const int version, SchemaVersion(connection));
  BEEFLOW_RETURN_IF_ERROR(RefuseNewer(*connection, version));
  *created = version == 0;
  BEEFLOW_RETURN_IF_ERROR(connection->ExecuteScript(
      "CREATE TABLE IF NOT EXISTS beeflow_schema (version INTEGER PRIMARY KEY)"));
  for (int i = version; i < kMigrationScriptCount; ++i) {
    BEEFLOW_RETURN_IF_ERROR(connection->ExecuteScript(kMigrationScripts[i].sql));
    BEEFLOW_RETURN_IF_ERROR(
        connection->ExecuteScript("INSERT INTO beeflow_schema (version) VALUES (" +
                                  std::to_string(kMigrationScripts[i].version) + ")"));
  }
  return connection->ExecuteScript("COMMIT");
}

constexpr const char* kDropAll = R"(
DO $$
DECLARE
  found record;
BEGIN
  FOR found IN SELECT format('DROP TABLE %s CASCADE', c.oid::regclass) AS command FROM pg_class c
      WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace LOOP
    EXECUTE found.command;
  END LOOP;
  FOR found IN SELECT format('DROP FUNCTION %s CASCADE', p.oid::regprocedure) AS command
      FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
      WHERE l.lanname = 'plpgsql' AND p.pronamespace = current_schema()::regnamespace LOOP
    EXECUTE found.command;
  END LOOP;
END $$;
DROP PUBLICATION IF EXISTS beeflow;
)";

}  // namespace

Status Migrate(const std::shared_ptr<ConnectionPool>& pool, bool* created) {
  *created = false;
  BEEFLOW_ASSIGN_OR_RETURN(Lease lease, pool->Writer());
  // Nearly always there is nothing to do.
  BEEFLOW_ASSIGN_OR_RETURN(const int version, SchemaVersion(lease.get()));
  BEEFLOW_RETURN_IF_ERROR(RefuseNewer(*lease.get(), version));
  if (version < NewestVersion()) {
    // The slot needs more rights than the tables: who lacks them is told before anything is made.
    BEEFLOW_RETURN_IF_ERROR(CheckServer(lease.get()));
    Status applied = ApplyMissing(lease.get(), created);
    if (!applied.ok()) {
      (void)lease->ExecuteScript("ROLLBACK");
      return applied;
    }
  }
  return EnsureSlot(lease.get());
}

Status Check(const std::shared_ptr<ConnectionPool>& pool) {
  BEEFLOW_ASSIGN_OR_RETURN(Lease lease, pool->Reader());
  BEEFLOW_ASSIGN_OR_RETURN(const int version, SchemaVersion(lease.get()));
  BEEFLOW_RETURN_IF_ERROR(RefuseNewer(*lease.get(), version));
  if (version < NewestVersion()) {
    return Invalid("database " + lease->name() + " has schema version " + std::to_string(version) +
                   ", which is older than this program's " + std::to_string(NewestVersion()) +
                   "; bring it up to date with `beeflow db migrate`");
  }
  BEEFLOW_RETURN_IF_ERROR(CheckServer(lease.get()));
  const auto slot = ReadSlot(lease.get());
  if (!slot.ok()) return slot.error();
  if (slot->wal_status != "lost") return Ok();
  return Invalid("database " + lease->name() + ": the server has given up the replication slot " +
                 slot->name + " (max_slot_wal_keep_size); make it anew with `beeflow db migrate`");
}

Status Reset(const std::shared_ptr<ConnectionPool>& pool) {
  {
    BEEFLOW_ASSIGN_OR_RETURN(Lease lease, pool->Writer());
    BEEFLOW_RETURN_IF_ERROR(SchemaVersion(lease.get()));  // Refuses other programs' databases.
    const auto slot = ReadSlot(lease.get());
    if (slot.ok() && slot->is_active) {
      return Unavailable("database " + lease->name() +
                         ": a control process works on it; stop it first");
    }
    if (slot.ok()) {
      Parameters parameters;
      parameters.Add(slot->name);
      BEEFLOW_RETURN_IF_ERROR(lease->Query({"SELECT pg_drop_replication_slot($1)"}, &parameters));
    }
    BEEFLOW_RETURN_IF_ERROR(lease->ExecuteScript(kDropAll));
  }
  bool created = false;
  return Migrate(pool, &created);
}

}  // namespace beeflow::postgres
