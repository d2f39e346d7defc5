// The Store's conformance on a real PostgreSQL server, with edits by plain SQL on other
// connections; and what is particular to it: the feed, the leader, connections.
#include <gtest/gtest.h>

#include <utility>

#include "store/conformance.h"
#include "store/postgres/leading_process_for_test.h"
#include "store/postgres/server_for_test.h"
#include "store/sql_fixture_for_test.h"

namespace beeflow {
namespace {

using postgres::ArrivedStore;
using postgres::LeadingProcess;
using postgres::ServerForTest;

class PostgresFixture : public SqlFixture {
 public:
  PostgresFixture() : url_(ServerForTest::Shared().NewMigratedDatabase()) { Open(); }

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
