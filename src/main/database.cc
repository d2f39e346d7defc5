#include "main/database.h"

#include <filesystem>

#include "crypt/fernet_keyring.h"
#include "os/system_clock.h"
#include "store/sqlite/migration.h"
#include "store/sql/sql_catalog.h"
#include "store/sql/sql_change_history.h"
#include "store/sql/sql_export.h"
#include "store/sql/sql_history.h"
#include "store/sql/sql_inventory.h"
#include "store/sql/sql_overview.h"
#include "store/sql/sql_request_store.h"
#include "store/sql/sql_secret_store.h"
#include "store/sql/sql_user_store.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

std::unique_ptr<SecretCipher> MakeCipher(const Config& config) {
  static SystemClock clock;  // stateless
  const EffectiveSetting* keys = config.Find("core", "fernet_key");
  return std::make_unique<FernetKeyring>(
      FernetKeyringOptions{keys->value, keys->source, config.home() + "/fernet.key"}, &clock);
}

Result<std::unique_ptr<sql::Database>> Connect(const Config& config) {
  BEEFLOW_ASSIGN_OR_RETURN(auto database, sqlite::OpenMigrated(config.Text("database", "path"),
                                                               sqlite::OpenMode::kExisting));
  return std::unique_ptr<sql::Database>(std::move(database));
}

// On the database, which is created where there is none.
template <typename Port, typename AStore, typename... More>
Result<std::unique_ptr<Port>> OpenAs(const Config& config, More... more) {
  BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config));
  BEEFLOW_ASSIGN_OR_RETURN(auto database, Connect(config));
  return std::unique_ptr<Port>(
      std::make_unique<AStore>(std::move(database), std::move(more)...));
}

}  // namespace

Status CreateDatabase(const Config& config) {
  const std::string& path = config.Text("database", "path");
  std::error_code failed;
  if (std::filesystem::exists(path, failed)) return Ok();
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  BEEFLOW_RETURN_IF_ERROR(MigrateDatabase(path));
  BEEFLOW_ASSIGN_OR_RETURN(
      const auto catalog, sqlite::OpenAs<SqlCatalog>(path, sqlite::OpenMode::kExisting));
  PoolInfo pool;
  pool.record.name = "default_pool";
  pool.record.slots = static_cast<int>(config.Integer("core", "default_pool_task_slot_count"));
  pool.description = "Default pool";
  return catalog->SetPool(pool);
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

}  // namespace beeflow
