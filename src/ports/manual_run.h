// Making runs by hand: what the CLI and the API check before a run is stored.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "scheduler/records.h"

namespace beeflow {

// The run ids that Airflow accepts: letters, digits and "_.~:+-", at most 250 characters, without
// the prefixes that are kept for other types of runs.
Status CheckManualRunId(const std::string& run_id);

struct ManualRun {
  std::optional<std::string> run_id;     // absent: "manual__" and the logical date
  std::optional<Time> logical_date;      // absent: now
  std::optional<DataInterval> interval;  // absent: what the DAG's timetable infers
  std::string conf = "{}";               // JSON text
};

// The record of a manual run that is queued at `now`. Errors name the DAG or the run id.
Result<RunRecord> NewManualRun(const Dag& dag, const ManualRun& request, Time now);

}  // namespace beeflow
