// Reading the change log (docs/formats/change-log.md): which rows changed since the feed position,
// as they are now; and trimming what has been read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "ports/store.h"
#include "store/sqlite/database.h"

namespace beeflow::sqlite {

// The feed within one transaction. The position is read at the first use, moves as changes are
// taken, and is written by Save.
class ChangeReader {
 public:
  explicit ChangeReader(Database* database) : database_(database) {}

  // At most `max` changes. Several entries of one row make one change, at the place of the first.
  Result<std::vector<Change>> Take(size_t max);
  // Moves the position behind all entries.
  Status SkipToEnd();
  // Writes the position if it moved.
  Status Save();
  // The position as far as it is known here.
  std::optional<int64_t> position() const { return position_; }

 private:
  Status LoadPosition();
  // One look at up to `max` entries; false where there is none.
  Result<bool> TakeBatch(size_t max, std::vector<Change>* changes);

  Database* database_;
  std::optional<int64_t> position_;
  bool moved_ = false;
};

// Deletes entries that were read, in steps so small that they do not show, and keeps the newest of
// them for those who follow the log from outside. Remembers how far it got; one per connection.
class ChangeTrimmer {
 public:
  // Within a write transaction, with the position as it will be committed.
  Status Trim(Database* database, int64_t position);

 private:
  std::optional<int64_t> oldest_;  // a lower bound of the entries' numbers
};

}  // namespace beeflow::sqlite
