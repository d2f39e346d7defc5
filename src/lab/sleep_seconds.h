// How long tasks take by what their commands say: the seconds that they sleep.
#pragma once

#include <optional>
#include <vector>

#include "dag/dag.h"
#include "ports/catalog.h"

namespace beeflow {

// The sum of the `sleep N` of the task's plan; absent where there is none.
std::optional<double> SleepSeconds(const Task& task);

// The longest path through the DAG if each task took what it sleeps.
double IdealSeconds(std::vector<TaskInfo> tasks, const Dag& dag);

}  // namespace beeflow
