#include "api/api_options_for_test.h"

#include <mutex>
#include <utility>

#include "store/sql/sql_history.h"
#include "store/sql/sql_inventory.h"
#include "store/sql/sql_overview.h"
#include "store/sql/sql_secret_store.h"
#include "store/sql/sql_user_store.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

// Encryption is tested where it is done.
class SealingCipher : public SecretCipher {
 public:
  Result<std::string> Encrypt(const std::string& plain) override { return "sealed:" + plain; }
  Result<std::string> Decrypt(const std::string& token) override { return token.substr(7); }
};

template <typename Port, typename Adapter>
std::function<Result<std::unique_ptr<Port>>()> Opens(const SeededDatabase& database) {
  return [path = database.path()]() -> Result<std::unique_ptr<Port>> {
    BEEFLOW_ASSIGN_OR_RETURN(auto opened, sqlite::OpenAs<Adapter>(path));
    return std::unique_ptr<Port>(std::move(opened));
  };
}

}  // namespace

ApiOptions OptionsFor(const SeededDatabase& database) {
  ApiOptions options;
  options.open_catalog = [&database] { return database.OpenCatalog(); };
  options.open_history = Opens<History, SqlHistory>(database);
  options.open_overview = Opens<Overview, SqlOverview>(database);
  options.open_inventory = Opens<Inventory, SqlInventory>(database);
  options.open_users = Opens<UserStore, SqlUserStore>(database);
  options.open_secrets = [path = database.path()]() -> Result<std::unique_ptr<SecretStore>> {
    BEEFLOW_ASSIGN_OR_RETURN(auto opened,
                             sqlite::OpenAs<SqlSecretStore>(path, sqlite::OpenMode::kExisting,
                                                            std::make_unique<SealingCipher>()));
    return std::unique_ptr<SecretStore>(std::move(opened));
  };
  // One at a time, as the loop does it.
  options.on_loop = [loop = std::make_shared<std::mutex>()](const std::function<Status()>& work) {
    const std::lock_guard lock(*loop);
    return work();
  };
  options.engine_figures = [] { return EngineFigures{}; };
  options.list_providers = []() -> Result<std::vector<ProviderInfo>> {
    return std::vector<ProviderInfo>{};
  };
  options.describe_worker = [] { return Json(); };
  options.render_task = [](const RunRecord& run, const std::string& task_id,
                           int) -> Result<RenderedFields> {
    const std::string text = task_id + " of " + run.key.run_id;
    return RenderedFields{{"bash_command", text, text}};
  };
  options.find_links = [](const RunRecord& run, const std::string&, int) -> Result<ExtraLinks> {
    return ExtraLinks{{"Run", "https://jobs/" + run.key.run_id}, {"Nothing", std::nullopt}};
  };
  options.reimport = [](const std::string&) {};
  options.limits = {{"*", 8, 512, 0.25, 900, 300, "none"}};
  options.log_folder = database.home() + "/logs";
  options.version = "0.1.0";
  return options;
}

}  // namespace beeflow
