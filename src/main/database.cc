#include "main/database.h"

#include <filesystem>

#include "crypt/fernet_keyring.h"
#include "os/system_clock.h"
#include "store/sqlite/migration.h"
#include "store/sqlite/sqlite_catalog.h"
#include "store/sqlite/sqlite_change_history.h"
#include "store/sqlite/sqlite_history.h"
#include "store/sqlite/sqlite_inventory.h"
#include "store/sqlite/sqlite_overview.h"
#include "store/sqlite/sqlite_request_store.h"
#include "store/sqlite/sqlite_secret_store.h"
#include "store/sqlite/sqlite_user_store.h"

namespace beeflow {
namespace {

std::unique_ptr<SecretCipher> MakeCipher(const Config& config) {
  static SystemClock clock;  // stateless
  const EffectiveSetting* keys = config.Find("core", "fernet_key");
  return std::make_unique<FernetKeyring>(
      FernetKeyringOptions{keys->value, keys->source, config.home() + "/fernet.key"}, &clock);
}

}  // namespace

Status CreateDatabase(const Config& config) {
  const std::string& path = config.Text("database", "path");
  std::error_code failed;
  if (std::filesystem::exists(path, failed)) return Ok();
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  BEEFLOW_RETURN_IF_ERROR(MigrateDatabase(path));
  BEEFLOW_ASSIGN_OR_RETURN(const auto catalog,
                           SqliteCatalog::Open(path, sqlite::OpenMode::kExisting));
  PoolInfo pool;
  pool.record.name = "default_pool";
  pool.record.slots = static_cast<int>(config.Integer("core", "default_pool_task_slot_count"));
  pool.description = "Default pool";
  return catalog->SetPool(pool);
}

Result<std::unique_ptr<Catalog>> OpenCatalog(const Config& config) {
  BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config));
  BEEFLOW_ASSIGN_OR_RETURN(auto catalog, SqliteCatalog::Open(config.Text("database", "path"),
                                                             sqlite::OpenMode::kExisting));
  return std::unique_ptr<Catalog>(std::move(catalog));
}

Result<std::unique_ptr<History>> OpenHistory(const Config& config) {
  BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config));
  BEEFLOW_ASSIGN_OR_RETURN(auto history, SqliteHistory::Open(config.Text("database", "path"),
                                                             sqlite::OpenMode::kExisting));
  return std::unique_ptr<History>(std::move(history));
}

Result<std::unique_ptr<SecretStore>> OpenSecrets(const Config& config) {
  BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config));
  BEEFLOW_ASSIGN_OR_RETURN(
      auto store, SqliteSecretStore::Open(config.Text("database", "path"),
                                          sqlite::OpenMode::kExisting, MakeCipher(config)));
  return std::unique_ptr<SecretStore>(std::move(store));
}

Result<std::unique_ptr<Overview>> OpenOverview(const Config& config) {
  BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config));
  BEEFLOW_ASSIGN_OR_RETURN(auto overview, SqliteOverview::Open(config.Text("database", "path"),
                                                               sqlite::OpenMode::kExisting));
  return std::unique_ptr<Overview>(std::move(overview));
}

Result<std::unique_ptr<ChangeHistory>> OpenChangeHistory(const Config& config) {
  BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config));
  BEEFLOW_ASSIGN_OR_RETURN(auto history, SqliteChangeHistory::Open(config.Text("database", "path"),
                                                                   sqlite::OpenMode::kExisting));
  return std::unique_ptr<ChangeHistory>(std::move(history));
}

Result<std::unique_ptr<Inventory>> OpenInventory(const Config& config) {
  BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config));
  BEEFLOW_ASSIGN_OR_RETURN(auto inventory, SqliteInventory::Open(config.Text("database", "path"),
                                                                 sqlite::OpenMode::kExisting));
  return std::unique_ptr<Inventory>(std::move(inventory));
}

Result<std::unique_ptr<UserStore>> OpenUsers(const Config& config) {
  BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config));
  BEEFLOW_ASSIGN_OR_RETURN(auto store, SqliteUserStore::Open(config.Text("database", "path"),
                                                             sqlite::OpenMode::kExisting));
  return std::unique_ptr<UserStore>(std::move(store));
}

Result<std::unique_ptr<RequestStore>> OpenRequests(const Config& config) {
  BEEFLOW_ASSIGN_OR_RETURN(
      auto store, SqliteRequestStore::Open(config.Text("database", "path"),
                                           sqlite::OpenMode::kExisting, MakeCipher(config)));
  return std::unique_ptr<RequestStore>(std::move(store));
}

}  // namespace beeflow
