// Which runs a backfill makes: one for each interval of the DAG's schedule.
#pragma once

#include <vector>

#include "base/result.h"
#include "scheduler/records.h"

namespace beeflow {

// The runs with logical dates from `start` to `end`, both included, oldest first, queued at `now`.
// Fails where the DAG has no schedule to take intervals from, where there is none between the
// dates, and where there are more than 10,000.
Result<std::vector<RunRecord>> PlanBackfill(const Dag& dag, Time start, Time end,
                                            const std::string& conf, Time now);

}  // namespace beeflow
