// Carrying out the scheduler's transitions, each within the caller's write transaction.
#pragma once

#include "base/result.h"
#include "scheduler/transition.h"
#include "store/sql/database.h"

namespace beeflow::sql {

// False where the guard no longer held and nothing was changed.
Result<bool> ApplyTransition(Database* database, const Transition& transition);

// A line of the audit log. Empty texts are stored as NULL, `event` aside.
struct LogLine {
  std::optional<Time> when;
  std::string_view dag_id, task_id, run_id, event, owner, extra;
  std::optional<int> map_index;
};
Status AddLog(Database* database, const LogLine& line);

}  // namespace beeflow::sql
