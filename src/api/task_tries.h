// The tries of a task instance, put together from the attempts that have ended and from the task
// instance as it is.
#pragma once

#include <vector>

#include "ports/history.h"

namespace beeflow {

// Each as the task instance would look in that try, the first one first. A try may have had several
// attempts, as where it was deferred.
std::vector<TaskEntry> TriesOf(const TaskEntry& task, const std::vector<AttemptInfo>& attempts);

}  // namespace beeflow
