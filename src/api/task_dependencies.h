// Why a task instance has not started yet, in words, under the names of Airflow's dependencies.
#pragma once

#include "base/json.h"
#include "ports/catalog.h"

namespace beeflow {

// [{"name": ..., "reason": ...}], sorted by name; empty where it has been queued already, or where
// nothing holds it up.
Result<Json> FailedDependencies(Catalog* catalog, const TaskRecord& task);

}  // namespace beeflow
