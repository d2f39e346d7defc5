// What recorded runs took, as input for costs.
#pragma once

#include "lab/cost.h"
#include "lab/result_set.h"

namespace beeflow {

// Adds an execution that started and ended; others are left out.
void AddExecution(const std::optional<Time>& start, const std::optional<Time>& end,
                  const std::optional<int64_t>& memory_bytes, CostUsage* usage);

// Every try, where attempts are told, otherwise the last one of each task instance; not what only
// the scheduler did (EmptyOperator).
void AddRun(const ExportedRun& run, CostUsage* usage);

// Spread over the days from the first start to the last end, at least one.
CostUsage UsageOf(const ResultSet& results);

// The attempts of a database that started since `from`, spread over `days`.
Result<CostUsage> ReadHistory(ExportSource* source, Time from, double days);

}  // namespace beeflow
