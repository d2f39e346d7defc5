#include "main/engine_store.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "main/database.h"
#include "os/delay_timer.h"
#include "os/file_change_signal.h"
#include "os/system_clock.h"
#include "store/postgres/database.h"
#include "store/postgres/leader.h"
#include "store/postgres/stream_feed.h"
#include "store/sqlite/epoch.h"
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
    BEEFLOW_ASSIGN_OR_RETURN(signal_,
                             FileChangeSignal::Watch(io, path + "-wal", [this] { OnWritten(); }));
    return Ok();
  }

  SqlStore& store() override { return *store_; }

  Result<int64_t> Epoch() override {
    if (epoch_ == 0) {
      BEEFLOW_ASSIGN_OR_RETURN(epoch_, sqlite::RaiseEpoch(database_, SystemClock().Now()));
    }
    return epoch_;
  }

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
  int64_t epoch_ = 0;                     // 0: not raised yet
  std::unique_ptr<FileChangeSignal> signal_;
};

class PostgresEngineStore : public EngineStore {
 public:
  PostgresEngineStore(asio::io_context& io, const Config& config, Callbacks callbacks)
      : io_(io),
        callbacks_(std::move(callbacks)),
        pool_(postgres::ConnectionPool::For(config.Text("database", "url"))),
        leader_(pool_, DirectUrl(config)),
        look_again_(io) {}

  Status Open() {
    BEEFLOW_RETURN_IF_ERROR(AwaitTurn());
    BEEFLOW_RETURN_IF_ERROR(leader_.Follow(
        [this] {
          if (leader_.replication().has_changes()) Post([this] { OnArrival(); });
        },
        [this](const Error& error) { Post([this, error] { callbacks_.lost(error); }); }));
    store_ = std::make_unique<SqlStore>(
        std::make_unique<postgres::Database>(pool_),
        std::make_unique<postgres::StreamFeed>(&leader_.replication(), [this] { LookAgain(); }));
    return Ok();
  }

  SqlStore& store() override { return *store_; }
  Result<int64_t> Epoch() override { return leader_.epoch(); }

 private:
  static const std::string& DirectUrl(const Config& config) {
    const std::string& direct = config.Text("database", "replication_url");
    return direct.empty() ? config.Text("database", "url") : direct;
  }

  // The waiting blocks, so it has a thread of its own, and signals are handled here.
  Status AwaitTurn() {
    Result<bool> leads = false;
    std::atomic<bool> is_decided = false;
    std::thread waiter([&] {
      leads = leader_.Await([](const std::string& reason) { spdlog::warn("{}", reason); });
      is_decided = true;
      io_.stop();
    });
    const auto work = asio::make_work_guard(io_);
    io_.run();
    if (!is_decided) leader_.Stop();
    waiter.join();
    io_.restart();
    if (!leads.ok()) return leads.error();
    return *leads ? Ok() : Status(Unavailable("stopped while standing by"));
  }

  void OnArrival() {
    look_again_delay_ = kLookAgainMin;
    callbacks_.changed();
  }

  // What has arrived can be seen as soon as its writer's server process has taken note of its own
  // commit.
  void LookAgain() {
    look_again_.Arm(look_again_delay_, [this] { callbacks_.changed(); });
    look_again_delay_ = std::min(2 * look_again_delay_, kLookAgainMax);
  }

  void Post(std::function<void()> action) {
    asio::post(io_, [alive = std::weak_ptr<bool>(alive_), action = std::move(action)] {
      if (alive.lock()) action();
    });
  }

  asio::io_context& io_;
  const Callbacks callbacks_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  const std::shared_ptr<postgres::ConnectionPool> pool_;
  postgres::Leader leader_;
  DelayTimer look_again_;
  Duration look_again_delay_ = kLookAgainMin;
  std::unique_ptr<SqlStore> store_;
};

}  // namespace

Result<std::unique_ptr<EngineStore>> EngineStore::Open(asio::io_context& io, const Config& config,
                                                       Callbacks callbacks) {
  if (UsesPostgres(config)) {
    auto store = std::make_unique<PostgresEngineStore>(io, config, std::move(callbacks));
    BEEFLOW_RETURN_IF_ERROR(store->Open());
    return std::unique_ptr<EngineStore>(std::move(store));
  }
  auto store = std::make_unique<SqliteEngineStore>(io, std::move(callbacks.changed));
  BEEFLOW_RETURN_IF_ERROR(store->Open(io, config.Text("database", "path")));
  return std::unique_ptr<EngineStore>(std::move(store));
}

}  // namespace beeflow
