#include "store/sql/database.h"

#include <utility>

namespace beeflow::sql {

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      sql_(other.sql_),
      cursor_(std::move(other.cursor_)),
      is_kept_(other.is_kept_) {}

Statement::~Statement() {
  if (!cursor_) return;
  cursor_->Reset();
  database_->GiveBack(sql_, std::move(cursor_));
}

Result<Statement> Database::Prepare(std::string_view sql) {
  const auto idle = idle_.find(sql);
  if (idle != idle_.end() && !idle->second.empty()) {
    std::unique_ptr<Cursor> cursor = std::move(idle->second.back());
    idle->second.pop_back();
    return Statement(this, sql, std::move(cursor));
  }
  BEEFLOW_ASSIGN_OR_RETURN(std::unique_ptr<Cursor> cursor, Compile(sql, true));
  return Statement(this, sql, std::move(cursor));
}

Result<Statement> Database::PrepareOnce(const std::string& sql) {
  BEEFLOW_ASSIGN_OR_RETURN(std::unique_ptr<Cursor> cursor, Compile(sql, false));
  return Statement(this, {}, std::move(cursor));
}

void Database::GiveBack(std::string_view sql, std::unique_ptr<Cursor> cursor) {
  if (!sql.empty()) idle_[sql].push_back(std::move(cursor));
}

Result<TransactionScope> TransactionScope::Write(Database* database) {
  BEEFLOW_RETURN_IF_ERROR(database->BeginWrite());
  return TransactionScope(database);
}

Result<TransactionScope> TransactionScope::Read(Database* database) {
  if (database->is_in_transaction()) return TransactionScope(nullptr);
  BEEFLOW_RETURN_IF_ERROR(database->BeginRead());
  return TransactionScope(database);
}

TransactionScope::TransactionScope(TransactionScope&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

TransactionScope::~TransactionScope() {
  if (database_) database_->Rollback();
}

Status TransactionScope::Commit() {
  BEEFLOW_CHECK(database_ != nullptr);
  BEEFLOW_RETURN_IF_ERROR(database_->Commit());
  database_ = nullptr;
  return Ok();
}

}  // namespace beeflow::sql
