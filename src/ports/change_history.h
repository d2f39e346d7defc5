// The change log for those who only watch: the newest entries, each with the row as it is now.
// Reading it moves nothing and holds nobody up.
//
// Threads: a ChangeHistory belongs to one thread; several may be open on the same database at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace beeflow {

struct LoggedChange {
  int64_t sequence = 0;  // grows; never used again
  std::string table;     // "task_instance", "dag_run", "dag", "slot_pool", "variable", ...
  std::string op;        // "insert", "update" or "delete"
  // The key, as far as the table has these columns; `name` is that of a pool, a Variable, ...
  std::string dag_id, run_id, task_id, name;
  int map_index = -1;
  std::optional<std::string> state;  // that the change led to; absent: none
  // The rest is of the row as it is now, and absent where that is gone or has no such column.
  std::optional<int> try_number;
  std::optional<Time> start_date, end_date, logical_date;
  std::optional<std::string> run_type;
  std::optional<bool> is_paused, is_active;
};

// Numbers are given before the commit: where several programs write at once, a change may appear
// below others that were there before.
struct LoggedChanges {
  int64_t oldest = 0;  // that is kept; 0 where there was never one
  int64_t newest = 0;
  std::vector<LoggedChange> changes;
  int64_t last = 0;     // to read on behind
  int64_t settled = 0;  // at most `last`; up to this number nothing can appear any more
};

class ChangeHistory {
 public:
  virtual ~ChangeHistory() = default;
  // The first `max` changes behind `after`, in order, as of one moment; before them, where the last
  // call got as far as `after`, those that have appeared below since. Where `oldest` is more than
  // one behind `after`, there were others, which are gone.
  virtual Result<LoggedChanges> Read(int64_t after, size_t max) = 0;
  // The end as it is now, without changes: who reads on behind `settled` misses nothing from now
  // on, but may be told of changes that were there already.
  virtual Result<LoggedChanges> End() = 0;
};

}  // namespace beeflow
