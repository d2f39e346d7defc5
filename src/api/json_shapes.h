// Airflow 2.9's JSON for the things of the catalog. Fields that have no meaning here are there with
// the value that Airflow gives where it knows nothing.
#pragma once

#include "base/json.h"
#include "ports/catalog.h"
#include "ports/history.h"

namespace beeflow {

Json ToJson(const DagInfo& dag);
Json ToJson(const RunRecord& run);
Json ToJson(const RunEntry& run);
Json ToJson(const TaskEntry& task);
Json ToJson(const DatasetEventEntry& event);
Json ToJson(const PoolInfo& pool);
Json ToJson(const ImportErrorInfo& error);

// A task instance by its keys alone, as the answers of clearing and marking name it.
Json TaskReference(const TaskRecord& task, Time logical_date);

// ISO 8601, or null.
Json ToJson(const std::optional<Time>& time);
// Days, seconds and microseconds.
Json TimeDelta(Duration span);
Json TextOrNull(const std::optional<std::string>& text);

// {"<name>": [...], "total_entries": total}
Json Collection(const char* name, Json list, int64_t total);

}  // namespace beeflow
