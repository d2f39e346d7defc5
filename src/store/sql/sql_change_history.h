// The ChangeHistory on an SQL database (ports/change_history.h has the contract). Each object has a
// small connection of its own.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "ports/change_history.h"
#include "store/sql/database.h"

namespace beeflow {

class SqlChangeHistory : public ChangeHistory {
 public:
  // With a connection of its own.
  explicit SqlChangeHistory(std::unique_ptr<sql::Database> database)
      : database_(std::move(database)) {}

  Result<LoggedChanges> Read(int64_t after, size_t max) override;
  Result<LoggedChanges> End() override;

 private:
  // Numbers that were missing while transactions ran that may have taken them.
  struct Gap {
    int64_t first = 0;
    int64_t last = 0;
    int64_t until = 0;  // when all transactions before this id have ended, nobody has them
  };
  // Which transactions run as of one moment: none before `oldest`, all before `next`.
  struct Running {
    int64_t oldest = 0;
    int64_t next = 0;
  };

  Result<Running> FindRunning();
  Status ReadRange(LoggedChanges* out);
  // What has appeared in the gaps.
  Status ReadLate(std::vector<LoggedChange>* changes);
  void NoteGaps(int64_t after, const std::vector<LoggedChange>& changes, const Running& running);

  std::unique_ptr<sql::Database> database_;
  int64_t position_ = -1;  // up to which Read has told
  std::deque<Gap> gaps_;   // below it, in order
};

}  // namespace beeflow
