// For tests: what a control process has that leads on a PostgreSQL database.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "store/postgres/connection_pool.h"
#include "store/postgres/database.h"
#include "store/postgres/leader.h"
#include "store/postgres/server_for_test.h"
#include "store/postgres/stream_feed.h"
#include "store/sql/sql_store.h"

namespace beeflow::postgres {

// A process that leads on a database, and what it has.
class LeadingProcess {
 public:
  explicit LeadingProcess(const std::string& url)
      : pool_(std::make_shared<ConnectionPool>(url)), leader_(pool_, url) {
    auto marks = Connection::Open(url, {});
    BEEFLOW_CHECK(marks.ok());
    marks_ = std::move(*marks);
    const auto leads = leader_.Await([](const std::string&) {});
    BEEFLOW_CHECK(leads.ok() && *leads);
    const Status followed = leader_.Follow(
        [this] {
          const std::lock_guard lock(mutex_);
          arrived_.notify_all();
        },
        [](const Error&) {});
    BEEFLOW_CHECK(followed.ok());
    store_ =
        std::make_unique<SqlStore>(std::make_unique<Database>(pool_),
                                   std::make_unique<StreamFeed>(&leader_.replication(), [] {}));
  }

  SqlStore& store() { return *store_; }
  // Until all that was committed has arrived by replication: a mark that is no change comes behind.
  void AwaitArrival() {
    BEEFLOW_CHECK(marks_->ExecuteScript(kMark).ok());
    const auto lsn = static_cast<Lsn>(marks_->QueryInteger(kPosition).value());
    BEEFLOW_CHECK(marks_->ExecuteScript("COMMIT").ok());
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return leader_.replication().seen() > lsn; });
  }

 private:
  static constexpr const char* kMark =
      "BEGIN; INSERT INTO change_log (table_name, op) VALUES ('mark', 'insert')";
  static constexpr const char* kPosition =
      "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint";

  std::shared_ptr<ConnectionPool> pool_;
  std::unique_ptr<Connection> marks_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  Leader leader_;
  std::unique_ptr<SqlStore> store_;
};

// Replication takes a moment, and the conformance suite does not wait.
class ArrivedStore : public Store {
 public:
  explicit ArrivedStore(LeadingProcess* process) : process_(process) {}
  Result<Snapshot> LoadActive() override {
    process_->AwaitArrival();
    return process_->store().LoadActive();
  }
  Result<std::unique_ptr<Transaction>> Begin() override {
    process_->AwaitArrival();
    return process_->store().Begin();
  }
  Result<bool> HasChanges() override {
    process_->AwaitArrival();
    return process_->store().HasChanges();
  }

 private:
  LeadingProcess* process_;
};

}  // namespace beeflow::postgres
