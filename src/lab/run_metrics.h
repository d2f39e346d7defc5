// What a finished run cost: makespan, the ideal that its own tasks would allow, and how long tasks
// waited although nothing held them back; as "sAirflow: Adopting Serverless in a Legacy Workflow
// Scheduler" (Euro-Par 2024) measures them. Pure: computed from rows and the DAG model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/catalog.h"

namespace beeflow {

// Of a set of samples, in seconds; by linear interpolation between the two nearest ranks.
struct Distribution {
  size_t count = 0;
  double median = 0;
  double p95 = 0;
  double max = 0;
};

Distribution Distribute(std::vector<double> samples);

struct TaskMetrics {
  std::string task_id;
  int map_index = -1;
  std::optional<double> duration;  // seconds, of the last try; absent where it did not run and end
  // Seconds from the moment at which the task could start to its start: from the latest end of
  // those of its upstream tasks that had ended by then; where there is none, from the moment at
  // which the run was queued. Absent where it did not start, or before that moment (a run that was
  // cleared later), and after a retry, since then only the last try's start is known.
  std::optional<double> wait;
};

struct RunMetrics {
  RunRecord run;
  std::optional<double> queued;    // seconds from queued to running
  std::optional<double> makespan;  // seconds from the run's start to its end
  // Seconds of the longest path through the DAG, given the durations that the tasks had: the
  // critical path, and the makespan of the ideal schedule, in which each task starts when the last
  // of its upstream tasks ends.
  double ideal = 0;
  // Tasks on the longest path by their number, and the most task instances that the ideal schedule
  // runs at once (at least 1): not the widest antichain of the DAG, whose tasks need not ever meet.
  size_t path_tasks = 0;
  size_t parallelism = 1;
  std::optional<double> overhead;  // seconds of the makespan over the critical path
  // overhead * path_tasks / parallelism: comparable between DAGs of different shapes.
  std::optional<double> normalized_overhead;
  std::vector<TaskMetrics> tasks;  // in the order of the rows
  Distribution wait;
  Distribution duration;
};

// `tasks` are the run's rows; rows of tasks that the DAG no longer has count for themselves only.
RunMetrics MeasureRun(const RunRecord& run, const std::vector<TaskInfo>& tasks, const Dag& dag);

}  // namespace beeflow
