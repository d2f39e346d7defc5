// The sql::Database on PostgreSQL. It has no connection of its own: each statement, or each
// transaction, borrows one of the process's few (connection_pool.h).
//
// A write transaction of Beeflow waits for all others of Beeflow (an advisory lock), so that
// numbers of the change log are given in the order of commits; edits by other programs are not
// held up. Where this process is to be the leader, its writes are refused (kConflict) as soon as
// another one is.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/postgres/connection_pool.h"
#include "store/sql/database.h"

namespace beeflow::postgres {

// Statements of store/sql as PostgreSQL understands them.
std::string InPostgresWords(std::string sql);

class Cursor;

class Database : public sql::Database {
 public:
  explicit Database(std::shared_ptr<ConnectionPool> pool)
      : pool_(std::move(pool)), name_(pool_->name()) {}
  ~Database() override { ForgetStatements(); }

  const std::string& name() const override { return name_; }
  sql::Dialect dialect() const override { return sql::Dialect::kPostgres; }
  Status ExecuteScript(const std::string& sql) override;
  bool is_in_transaction() const override { return static_cast<bool>(lease_); }

 protected:
  Result<std::unique_ptr<sql::Cursor>> Compile(std::string_view sql, bool is_kept) override;
  Status BeginWrite() override;
  Status BeginRead() override;
  Status Commit() override;
  void Rollback() override;

 private:
  friend class Cursor;

  Result<ResultPtr> Query(const StatementText& text, Parameters* parameters);
  Status Send(const StatementText& text, Parameters* parameters);
  Status CheckEpoch();

  const std::shared_ptr<ConnectionPool> pool_;
  const std::string name_;
  Lease lease_;  // of the transaction
  bool is_writing_ = false;
  bool has_failed_ = false;  // PostgreSQL then refuses all but a rollback
};

}  // namespace beeflow::postgres
