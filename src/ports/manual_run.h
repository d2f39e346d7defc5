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

// Whether the DAG can run with this conf (JSON text): as in Airflow, conf is put over the defaults
// of the params, and then each param must have a value, which its schema allows.
Status CheckConf(const Dag& dag, const std::string& conf);

// The id of a run for which none was given.
std::string ManualRunId(Time logical_date);

// The record of a manual run that is queued at `now`. It has no data interval where the request has
// none and only the author's own timetable knows it: ask DagCode. Errors name the DAG, and the run
// id or the param of the DAG that is wrong.
Result<RunRecord> NewManualRun(const Dag& dag, const ManualRun& request, Time now);

}  // namespace beeflow
