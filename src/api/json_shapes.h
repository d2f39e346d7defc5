// Airflow 2.9's JSON for the things of the catalog. Fields that have no meaning here are there with
// the value that Airflow gives where it knows nothing.
#pragma once

#include "base/json.h"
#include "ports/catalog.h"

namespace beeflow {

Json ToJson(const DagInfo& dag);
Json ToJson(const RunRecord& run);
// `run`: the one that the task instance belongs to.
Json ToJson(const TaskInfo& task, const RunRecord& run);
Json ToJson(const PoolInfo& pool);
Json ToJson(const ImportErrorInfo& error);

// ISO 8601, or null.
Json ToJson(const std::optional<Time>& time);

// {"<name>": [...], "total_entries": total}
Json Collection(const char* name, Json list, int64_t total);

}  // namespace beeflow
