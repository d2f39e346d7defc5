// The story: a psql transaction took its numbers of the change log, and others committed higher
// ones before it did. Who had read on to these never heard of its changes.
#include <gtest/gtest.h>

#include "store/postgres/database.h"
#include "store/postgres/server_for_test.h"
#include "store/sql/sql_change_history.h"

namespace beeflow {
namespace {

using postgres::Connection;
using postgres::ServerForTest;

class PostgresChangeHistoryTest : public testing::Test {
 protected:
  PostgresChangeHistoryTest() : url_(ServerForTest::Shared().NewMigratedDatabase()) {
    for (const char* name : {"early", "late", "other"}) {
      ServerForTest::Execute(
          url_, std::string("INSERT INTO slot_pool (pool, slots) VALUES ('") + name + "', 1)");
    }
    psql_ = std::move(Connection::Open(url_, {}).value());
    start_ = history_->End().value().last;
  }

  static std::string ChangeOf(const std::string& pool) {
    return "UPDATE slot_pool SET slots = slots + 1 WHERE pool = '" + pool + "'";
  }
  void Change(const std::string& pool) { ServerForTest::Execute(url_, ChangeOf(pool)); }
  void Psql(const std::string& sql) { ASSERT_TRUE(psql_->ExecuteScript(sql).ok()); }
  // The pools that the history tells of behind `after`.
  std::string Read(int64_t after) {
    read_ = history_->Read(after, 100).value();
    std::string names;
    for (const LoggedChange& change : read_.changes) names += change.name + " ";
    return names;
  }

  const std::string url_;
  std::unique_ptr<Connection> psql_;
  std::unique_ptr<SqlChangeHistory> history_ = std::make_unique<SqlChangeHistory>(
      std::make_unique<postgres::Database>(std::make_shared<postgres::ConnectionPool>(url_)));
  int64_t start_ = 0;
  LoggedChanges read_;
};

TEST_F(PostgresChangeHistoryTest, AChangeThatIsCommittedLateIsToldLate) {
  Psql("BEGIN; " + ChangeOf("late"));
  Change("early");
  EXPECT_EQ(Read(start_), "early ");
  EXPECT_EQ(read_.settled, start_) << "who begins anew must begin below the gap";
  EXPECT_EQ(history_->End().value().settled, start_);
  Change("other");
  EXPECT_EQ(Read(read_.last), "other ");
  Psql("COMMIT");
  EXPECT_EQ(Read(read_.last), "late ");
  EXPECT_EQ(read_.settled, read_.last);
  EXPECT_EQ(Read(read_.last), "") << "nothing is told over and over";
  EXPECT_EQ(Read(start_), "late early other ");
}

TEST_F(PostgresChangeHistoryTest, NumbersThatNobodyHasAnyMoreAreNotWaitedFor) {
  Psql("BEGIN; " + ChangeOf("late"));
  Change("early");
  EXPECT_EQ(Read(start_), "early ");
  Psql("ROLLBACK; BEGIN; SELECT pg_current_xact_id()");  // another that began later
  EXPECT_EQ(Read(read_.last), "");
  EXPECT_EQ(read_.settled, read_.last);
}

TEST_F(PostgresChangeHistoryTest, TwoTransactionsThatShareAGap) {
  const auto second = std::move(Connection::Open(url_, {}).value());
  Psql("BEGIN; " + ChangeOf("late"));
  ASSERT_TRUE(second->ExecuteScript("BEGIN; " + ChangeOf("other")).ok());
  Psql(ChangeOf("late"));
  Change("early");
  EXPECT_EQ(Read(start_), "early ");
  ASSERT_TRUE(second->ExecuteScript("COMMIT").ok());
  EXPECT_EQ(Read(read_.last), "other ");
  EXPECT_EQ(read_.settled, start_);
  Psql("COMMIT");
  EXPECT_EQ(Read(read_.last), "late late ");
  EXPECT_EQ(read_.settled, read_.last);
}

}  // namespace
}  // namespace beeflow
