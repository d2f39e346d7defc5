// A second, naive reading of Airflow's scheduling rules, for comparison: everything is computed
// anew from the rows each time, by the words of the documentation, with no counters and no caches.
// https://airflow.apache.org/docs/apache-airflow/2.9.3/core-concepts/dags.html#trigger-rules
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/records.h"

namespace beeflow::naive {

// What may become of a task whose upstream task instances are in the given states. More than one
// is possible where the order in which they ended decides.
struct Allowed {
  bool run = false;
  bool skip = false;
  bool upstream_failed = false;
  bool wait() const { return !run && !skip && !upstream_failed; }
};
Allowed ByTriggerRule(TriggerRule rule, const std::vector<TaskState>& upstream);

// The rows of a run, as far as they matter here.
struct RunRows {
  RunRecord record;
  std::map<std::string, TaskRecord> tasks;  // unmapped ones
};
using DagRuns = std::map<std::string, RunRows>;  // of one DAG, by run id

Allowed ByUpstream(const Dag& dag, const Task& task, const RunRows& run);

// depends_on_past and wait_for_downstream.
bool PastAllows(const Dag& dag, const Task& task, const RunRows& run, const DagRuns& runs);

// The task's end_date lies before the run.
bool IsOver(const Task& task, const RunRows& run);

// Whether the task gets an instance in the run: between its own start and end date.
bool TakesPart(const Task& task, const RunRows& run);

// Whether a task of a scheduled run has not succeeded, and its SLA has passed.
bool IsLate(const Task& task, const RunRows& run, Time now);

// The least time between the end of a failed try and the next.
Duration LeastRetryDelay(const Task& task, int try_number);

// The state in which a run ends whose task instances have all finished: by its leaves.
RunState EndState(const Dag& dag, const RunRows& run);

}  // namespace beeflow::naive
