#include "main/database.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "crypt/fernet_keyring.h"
#include "os/system_clock.h"
#include "store/postgres/database.h"
#include "store/postgres/migration.h"
#include "store/postgres/replication.h"
#include "store/sql/history_import.h"
#include "store/sql/sql_catalog.h"
#include "store/sql/sql_change_history.h"
#include "store/sql/sql_export.h"
#include "store/sql/sql_history.h"
#include "store/sql/sql_inventory.h"
#include "store/sql/sql_overview.h"
#include "store/sql/sql_request_store.h"
#include "store/sql/sql_secret_store.h"
#include "store/sql/sql_user_store.h"
#include "store/sqlite/migration.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

std::unique_ptr<SecretCipher> MakeCipher(const Config& config) {
  static SystemClock clock;  // stateless
  const EffectiveSetting* keys = config.Find("core", "fernet_key");
  return std::make_unique<FernetKeyring>(
      FernetKeyringOptions{keys->value, keys->source, config.home() + "/fernet.key"}, &clock);
}

std::shared_ptr<postgres::ConnectionPool> PoolOf(const Config& config) {
  return postgres::ConnectionPool::For(config.Text("database", "url"));
}

Result<std::unique_ptr<sql::Database>> Connect(const Config& config) {
  if (UsesPostgres(config)) {
    return std::unique_ptr<sql::Database>(std::make_unique<postgres::Database>(PoolOf(config)));
  }
  BEEFLOW_ASSIGN_OR_RETURN(auto database, sqlite::OpenMigrated(config.Text("database", "path"),
                                                               sqlite::OpenMode::kExisting));
  return std::unique_ptr<sql::Database>(std::move(database));
}

Status SetDefaultPool(const Config& config) {
  BEEFLOW_ASSIGN_OR_RETURN(auto database, Connect(config));
  PoolInfo pool;
  pool.record.name = "default_pool";
  pool.record.slots = static_cast<int>(config.Integer("core", "default_pool_task_slot_count"));
  pool.description = "Default pool";
  return SqlCatalog(std::move(database)).SetPool(pool);
}

Status CreatePostgresTables(const Config& config) {
  bool created = false;
  BEEFLOW_RETURN_IF_ERROR(postgres::Migrate(PoolOf(config), &created));
  return created ? SetDefaultPool(config) : Ok();
}

Status CreateSqliteFile(const Config& config) {
  const std::string& path = config.Text("database", "path");
  std::error_code failed;
  if (std::filesystem::exists(path, failed)) return Ok();
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  BEEFLOW_RETURN_IF_ERROR(MigrateDatabase(path));
  return SetDefaultPool(config);
}

// "sqlite:///relative" and "sqlite:////absolute", as SQLAlchemy has it; anything else is a path.
std::string SqlitePath(const std::string& from) {
  constexpr std::string_view kScheme = "sqlite:///";
  return from.starts_with(kScheme) ? from.substr(kScheme.size()) : from;
}

// Another program's database: nothing is changed in it.
Result<std::unique_ptr<sql::Database>> OpenForeign(const std::string& from) {
  if (postgres::IsPostgresUrl(from)) {
    return std::unique_ptr<sql::Database>(
        std::make_unique<postgres::Database>(postgres::ConnectionPool::For(from)));
  }
  BEEFLOW_ASSIGN_OR_RETURN(auto database,
                           sqlite::Database::Open(SqlitePath(from), sqlite::OpenMode::kExisting));
  return std::unique_ptr<sql::Database>(std::move(database));
}

std::string ToText(const sql::ImportCounts& counts) {
  return fmt::format("{} DAGs, {} runs, {} task instances, {} pools, {} Variables, {} connections",
                     counts.dags, counts.runs, counts.tasks, counts.pools, counts.variables,
                     counts.connections);
}

// What both kinds of database do in the same way.
class AnyAdmin : public DatabaseAdmin {
 public:
  explicit AnyAdmin(const Config& config) : config_(config) {}

  Result<std::string> Import(const std::string& from, const std::string& fernet_key,
                             const std::function<void(const std::string&)>& told) override {
    BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config_));
    BEEFLOW_ASSIGN_OR_RETURN(const auto source, OpenForeign(from));
    BEEFLOW_ASSIGN_OR_RETURN(const auto own, Connect(config_));
    const auto cipher = MakeCipher(config_);
    SystemClock clock;
    FernetKeyring other({fernet_key, "--fernet-key", ""}, &clock);
    SecretCipher* other_cipher = fernet_key.empty() ? cipher.get() : &other;
    BEEFLOW_ASSIGN_OR_RETURN(
        const auto counts,
        sql::ImportHistory({source.get(), other_cipher}, own.get(), cipher.get(),
                           [&](const sql::ImportCounts& so_far) { told(ToText(so_far)); }));
    return "Took over " + ToText(counts) + " from " + source->name();
  }

 protected:
  const Config config_;
};

class SqliteAdmin : public AnyAdmin {
 public:
  explicit SqliteAdmin(const Config& config) : AnyAdmin(config), path_(DatabaseName(config)) {}

  std::string name() const override { return path_; }
  Result<std::string> Migrate() override {
    BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config_));
    BEEFLOW_RETURN_IF_ERROR(MigrateDatabase(path_));
    return path_ + " is up to date";
  }
  Result<std::string> Check() override {
    BEEFLOW_RETURN_IF_ERROR(CheckDatabase(path_));
    return path_ + " is fine";
  }
  Status Reset() override { return ResetDatabase(path_); }

 private:
  const std::string path_;
};

class PostgresAdmin : public AnyAdmin {
 public:
  explicit PostgresAdmin(const Config& config) : AnyAdmin(config), pool_(PoolOf(config)) {}

  std::string name() const override { return pool_->name(); }
  Result<std::string> Migrate() override {
    BEEFLOW_RETURN_IF_ERROR(CreatePostgresTables(config_));
    return name() + " is up to date";
  }
  Result<std::string> Check() override {
    BEEFLOW_RETURN_IF_ERROR(postgres::Check(pool_));
    return name() + " is fine";
  }
  Status Reset() override {
    BEEFLOW_RETURN_IF_ERROR(postgres::Reset(pool_));
    return SetDefaultPool(config_);
  }

 private:
  const std::shared_ptr<postgres::ConnectionPool> pool_;
};

// On the database, which is created where there is none.
template <typename Port, typename AStore, typename... More>
Result<std::unique_ptr<Port>> OpenAs(const Config& config, More... more) {
  BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config));
  BEEFLOW_ASSIGN_OR_RETURN(auto database, Connect(config));
  return std::unique_ptr<Port>(std::make_unique<AStore>(std::move(database), std::move(more)...));
}

}  // namespace

bool UsesPostgres(const Config& config) { return !config.Text("database", "url").empty(); }

std::string DatabaseName(const Config& config) {
  return UsesPostgres(config) ? PoolOf(config)->name() : config.Text("database", "path");
}

const std::string& DirectDatabaseUrl(const Config& config) {
  const std::string& direct = config.Text("database", "replication_url");
  return direct.empty() ? config.Text("database", "url") : direct;
}

Result<bool> HasLeader(const Config& config) {
  BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config));
  BEEFLOW_ASSIGN_OR_RETURN(const postgres::Lease lease, PoolOf(config)->Reader());
  BEEFLOW_ASSIGN_OR_RETURN(const postgres::SlotHealth slot, postgres::ReadSlot(lease.get()));
  return slot.is_active;
}

Status CreateDatabase(const Config& config) {
  if (!UsesPostgres(config)) return CreateSqliteFile(config);
  const std::string& url = config.Text("database", "url");
  if (!postgres::IsPostgresUrl(url)) {
    return Invalid("[database] url must begin with postgresql://");
  }
  static std::mutex mutex;
  static std::set<std::string> known;  // were found up to date
  const std::lock_guard lock(mutex);
  if (known.contains(url)) return Ok();
  BEEFLOW_RETURN_IF_ERROR(CreatePostgresTables(config));
  known.insert(url);
  return Ok();
}

Result<std::unique_ptr<Catalog>> OpenCatalog(const Config& config) {
  return OpenAs<Catalog, SqlCatalog>(config);
}

Result<std::unique_ptr<History>> OpenHistory(const Config& config) {
  return OpenAs<History, SqlHistory>(config);
}

Result<std::unique_ptr<SecretStore>> OpenSecrets(const Config& config) {
  return OpenAs<SecretStore, SqlSecretStore>(config, MakeCipher(config));
}

Result<std::unique_ptr<Overview>> OpenOverview(const Config& config) {
  return OpenAs<Overview, SqlOverview>(config);
}

Result<std::unique_ptr<ChangeHistory>> OpenChangeHistory(const Config& config) {
  return OpenAs<ChangeHistory, SqlChangeHistory>(config);
}

Result<std::unique_ptr<Inventory>> OpenInventory(const Config& config) {
  return OpenAs<Inventory, SqlInventory>(config);
}

Result<std::unique_ptr<UserStore>> OpenUsers(const Config& config) {
  return OpenAs<UserStore, SqlUserStore>(config);
}

Result<std::unique_ptr<RequestStore>> OpenRequests(const Config& config) {
  return OpenAs<RequestStore, SqlRequestStore>(config, MakeCipher(config));
}

Result<std::unique_ptr<ExportSource>> OpenExport(const Config& config) {
  BEEFLOW_ASSIGN_OR_RETURN(auto database, Connect(config));
  return std::unique_ptr<ExportSource>(std::make_unique<SqlExport>(std::move(database)));
}

Result<std::unique_ptr<DatabaseAdmin>> OpenAdmin(const Config& config) {
  if (UsesPostgres(config)) {
    return std::unique_ptr<DatabaseAdmin>(std::make_unique<PostgresAdmin>(config));
  }
  return std::unique_ptr<DatabaseAdmin>(std::make_unique<SqliteAdmin>(config));
}

}  // namespace beeflow
