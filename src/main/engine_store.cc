#include "main/engine_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "os/delay_timer.h"
#include "os/file_change_signal.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

// Until the commit of another process can be read: about as long as an fsync takes, or as someone
// keeps a transaction open.
constexpr Duration kLookAgainMin = std::chrono::milliseconds(1);
constexpr Duration kLookAgainMax = std::chrono::milliseconds(100);

class SqliteEngineStore : public EngineStore {
 public:
  SqliteEngineStore(asio::io_context& io, std::function<void()> changed)
      : changed_(std::move(changed)), look_again_(io) {}

  Status Open(asio::io_context& io, const std::string& path) {
    BEEFLOW_ASSIGN_OR_RETURN(auto database,
                             sqlite::OpenMigrated(path, sqlite::OpenMode::kExisting));
    database_ = database.get();
    store_ = std::make_unique<SqlStore>(std::move(database), std::make_unique<sql::LogFeed>());
    BEEFLOW_ASSIGN_OR_RETURN(signal_, FileChangeSignal::Watch(io, path + "-wal", [this] {
                               OnWritten();
                             }));
    return Ok();
  }

  SqlStore& store() override { return *store_; }

 private:
  // Someone wrote to the database; often it was this process. The signal comes with the write to
  // the log file, but a commit can be read only after its fsync: while another is still at it, this
  // looks again. Asked in this order, no commit is missed.
  void OnWritten() {
    const auto writing = database_->IsBeingWritten();
    const auto has_changes = store_->HasChanges();
    if (!has_changes.ok() || *has_changes || !writing.ok()) return changed_();
    if (!*writing) {
      look_again_delay_ = kLookAgainMin;
    } else if (!look_again_.armed()) {
      look_again_.Arm(look_again_delay_, [this] { OnWritten(); });
      look_again_delay_ = std::min(2 * look_again_delay_, kLookAgainMax);
    }
  }

  const std::function<void()> changed_;
  DelayTimer look_again_;
  Duration look_again_delay_ = kLookAgainMin;
  std::unique_ptr<SqlStore> store_;
  sqlite::Database* database_ = nullptr;  // of the store
  std::unique_ptr<FileChangeSignal> signal_;
};

}  // namespace

Result<std::unique_ptr<EngineStore>> EngineStore::Open(asio::io_context& io, const Config& config,
                                                       std::function<void()> changed) {
  auto store = std::make_unique<SqliteEngineStore>(io, std::move(changed));
  BEEFLOW_RETURN_IF_ERROR(store->Open(io, config.Text("database", "path")));
  return std::unique_ptr<EngineStore>(std::move(store));
}

}  // namespace beeflow
