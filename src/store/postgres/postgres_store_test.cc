// The Store's conformance on a real PostgreSQL server, with edits by plain SQL on other connections;
// and what is particular to it: the feed, the leader, connections.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <utility>

#include "store/conformance.h"
#include "store/postgres/connection_pool.h"
#include "store/postgres/database.h"
#include "store/postgres/leader.h"
#include "store/postgres/migration.h"
#include "store/postgres/server_for_test.h"
#include "store/postgres/stream_feed.h"
#include "store/sql/sql_store.h"
#include "store/sql_fixture_for_test.h"

namespace beeflow {
namespace {

using postgres::ConnectionPool;
using postgres::Leader;
using postgres::ServerForTest;

// A process that leads on a database, and what it has.
class LeadingProcess {
 public:
  explicit LeadingProcess(const std::string& url)
      : pool_(std::make_shared<ConnectionPool>(url)), leader_(pool_, url) {
    const auto leads = leader_.Await([](const std::string&) {});
    EXPECT_TRUE(leads.ok() && *leads) << (leads.ok() ? "stopped" : leads.error().message);
    const Status followed = leader_.Follow(
        [this] {
          const std::lock_guard lock(mutex_);
          arrived_.notify_all();
        },
        [](const Error&) {});
    EXPECT_TRUE(followed.ok()) << followed.error().message;
    store_ = std::make_unique<SqlStore>(
        std::make_unique<postgres::Database>(pool_),
        std::make_unique<postgres::StreamFeed>(&leader_.replication()));
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

class PostgresFixture : public SqlFixture {
 public:
  PostgresFixture() : url_(ServerForTest::Shared().NewDatabase()) {
    bool created = false;
    const Status migrated = Migrate(std::make_shared<ConnectionPool>(url_), &created);
    EXPECT_TRUE(migrated.ok()) << migrated.error().message;
    Open();
  }

  Store& store() override { return *store_; }
  bool Reopen() override {
    store_.reset();
    process_.reset();
    Open();
    return true;
  }

 protected:
  Status Edit(const std::string& sql) override {
    ServerForTest::Execute(url_, sql);
    return Ok();
  }

 private:
  void Open() {
    process_ = std::make_unique<LeadingProcess>(url_);
    store_ = std::make_unique<ArrivedStore>(process_.get());
  }

  const std::string url_;
  std::unique_ptr<LeadingProcess> process_;
  std::unique_ptr<ArrivedStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Postgres, StoreConformance,
                         testing::Values(StoreBackend{
                             "postgres", [] { return std::make_unique<PostgresFixture>(); }}));

}  // namespace
}  // namespace beeflow
