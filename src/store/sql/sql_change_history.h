// The ChangeHistory on an SQL database (ports/change_history.h has the contract). Each object has a
// small connection of its own.
#pragma once

#include <memory>
#include <string>

#include "ports/change_history.h"
#include "store/sql/database.h"

namespace beeflow {

class SqlChangeHistory : public ChangeHistory {
 public:
  // With a connection of its own.
  explicit SqlChangeHistory(std::unique_ptr<sql::Database> database)
      : database_(std::move(database)) {}

  Result<LoggedChanges> Read(int64_t after, size_t max) override;

 private:
  std::unique_ptr<sql::Database> database_;
};

}  // namespace beeflow
