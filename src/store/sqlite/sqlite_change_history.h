// The ChangeHistory on an SQLite file (ports/change_history.h has the contract). Each object has a
// small connection of its own.
#pragma once

#include <memory>
#include <string>

#include "ports/change_history.h"
#include "store/sqlite/database.h"

namespace beeflow {

class SqliteChangeHistory : public ChangeHistory {
 public:
  // Brings the schema up to date where needed.
  static Result<std::unique_ptr<SqliteChangeHistory>> Open(const std::string& path,
                                                           sqlite::OpenMode mode);

  Result<LoggedChanges> Read(int64_t after, size_t max) override;

 private:
  explicit SqliteChangeHistory(std::unique_ptr<sqlite::Database> database)
      : database_(std::move(database)) {}

  std::unique_ptr<sqlite::Database> database_;
};

}  // namespace beeflow
