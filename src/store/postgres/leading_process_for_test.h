// For tests: what a control process has that leads on a PostgreSQL database.
#pragma once

#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>

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
    const std::string position = ServerForTest::Execute(
        pool_->url(),
        "BEGIN; INSERT INTO change_log (table_name, op) VALUES ('mark', 'insert');"
        " CREATE TEMP TABLE position AS"
        " SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint AS lsn;"
        " COMMIT; SELECT lsn FROM position");
    const auto lsn = std::strtoull(position.c_str(), nullptr, 10);
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return leader_.replication().seen() > lsn; });
  }

 private:
  std::shared_ptr<ConnectionPool> pool_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  Leader leader_;
  std::unique_ptr<SqlStore> store_;
};

// Replication takes a moment, and the conformance suite does not wait.
class ArrivedStore : public Store {
 public:
  explicit ArrivedStore(LeadingProcess* process) : process_(process) {}
  Result<Snapshot> LoadActive() override { return process_->store().LoadActive(); }
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
