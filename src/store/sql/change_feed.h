// The change feed of a Store: which rows changed, as they are now.
//
// Threads and errors: as the Database that is passed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "ports/store.h"
#include "store/sql/database.h"

namespace beeflow::sql {

class ChangeFeed {
 public:
  virtual ~ChangeFeed() = default;

  // Within a write transaction, of which End tells the end:
  // At most `max` changes: those of others and those of this transaction. Several entries of one
  // row make one change, at the place of the first. Empty: the feed is at its end.
  virtual Result<std::vector<Change>> Take(Database* database, size_t max) = 0;
  // All that was committed before is known otherwise.
  virtual Status SkipToEnd(Database* database) = 0;
  // Before the commit: writes what has to be kept with it.
  virtual Status Save(Database* database) = 0;
  virtual void End(bool is_committed) = 0;

  // Outside of a transaction: whether Take would find something.
  virtual Result<bool> HasChanges(Database* database) = 0;
};

// Reads entries in the columns of kChanges into changes; the number of the last one, if any.
Result<std::optional<int64_t>> ReadChanges(Database* database, Result<Statement> entries,
                                           std::vector<Change>* changes);

// Deletes entries of the change log that were read, in steps so small that they do not show, and
// keeps the newest of them for those who follow the log from outside. Remembers how far it got.
class ChangeTrimmer {
 public:
  // Within a write transaction, with the position as it will be committed.
  Status Trim(Database* database, int64_t position);

 private:
  std::optional<int64_t> oldest_;  // a lower bound of the entries' numbers
};

// The feed of a database whose writers follow one another: the change log
// (docs/formats/change-log.md) in the order of its numbers, with the position beside it.
class LogFeed : public ChangeFeed {
 public:
  Result<std::vector<Change>> Take(Database* database, size_t max) override;
  Status SkipToEnd(Database* database) override;
  Status Save(Database* database) override;
  void End(bool is_committed) override;
  Result<bool> HasChanges(Database* database) override;

 private:
  Status LoadPosition(Database* database);
  // One look at up to `max` entries; false where there is none.
  Result<bool> TakeBatch(Database* database, size_t max, std::vector<Change>* changes);

  std::optional<int64_t> position_;  // read at the first use in a transaction
  bool is_moved_ = false;
  ChangeTrimmer trimmer_;
};

}  // namespace beeflow::sql
