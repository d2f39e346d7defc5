// A second, naive reading of Airflow's scheduling rules, for comparison: everything is computed
// anew from the rows each time, by the words of the documentation, with no counters and no caches.
// https://airflow.apache.org/docs/apache-airflow/2.9.3/core-concepts/dags.html#trigger-rules
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
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
using TaskKey = std::pair<std::string, int>;  // task id, map index
struct RunRows {
  RunRecord record;
  std::map<TaskKey, TaskRecord> tasks;
  std::map<std::string, int64_t> lengths;  // of what tasks returned that are not expanded
  std::set<TaskKey> returned;              // who returned a value
};
using DagRuns = std::map<std::string, RunRows>;  // of one DAG, by run id

// The rows that stand for the task: its instances, once it is expanded.
std::vector<const TaskRecord*> RowsOf(const Task& task, const RunRows& run);

// By the trigger rule of the task and the states upstream of its instance `map_index`.
Allowed ByUpstream(const Dag& dag, const Task& task, const RunRows& run, int map_index);

// What may become of the row of a mapped task that is not expanded; `run`: it is expanded.
Allowed ByMapping(const Dag& dag, const Task& task, const RunRows& run);

// How many instances the task has by what it is mapped over now; nothing where that has no length.
std::optional<int64_t> LengthOf(const Dag& dag, const Task& task, const RunRows& run);

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
