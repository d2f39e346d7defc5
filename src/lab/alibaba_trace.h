// Samples jobs from the public Alibaba cluster trace of 2018, table batch_task: one row for each
// task, without a header: task_name, instance_num, job_name, task_type, status, start_time,
// end_time, ...
//
// A task name such as J4_2_3 is task 4 of its job, which depends on tasks 2 and 3; names without
// numbers (task_..., MergeTask) depend on nothing.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace beeflow {

struct TraceTask {
  std::string name;
  int seconds = 0;
};

struct TraceJob {
  std::string name;
  std::vector<TraceTask> tasks;                  // by name
  std::vector<std::pair<size_t, size_t>> edges;  // upstream, downstream: places in `tasks`
  int critical_path_seconds = 0;
};

struct TraceOptions {
  size_t jobs = 30;
  uint64_t seed = 1;
  size_t tasks_min = 10;      // of a job; some task depends on at least two
  int seconds_max = 60;       // longer tasks are cut to this
  size_t rows_max = 1 << 18;  // that are kept in memory at once
};

// What was read and left out.
struct TraceCounts {
  int64_t rows = 0;
  int64_t wrong_rows = 0;
  std::string first_wrong_row;  // where it is and why; "" without one
  int64_t kept_jobs = 0;        // complete in memory when the file ended
  int64_t eligible_jobs = 0;    // of these
  int64_t unfinished_jobs = 0;  // of these: some task did not end well
  int64_t cyclic_jobs = 0;      // of these
  int64_t dangling_edges = 0;   // of these: dependencies on tasks that the job does not have
};

// Reads all of `in`, once, in bounded memory, in whatever order the rows are. Every eligible job
// has the same chance: jobs have the order of a seeded hash of their names, and as memory fills,
// those at its end are given up for good. Returns the first `jobs` eligible ones, fewer where there
// are not so many. `name` names the input in messages.
Result<std::vector<TraceJob>> SampleTrace(std::istream* in, const std::string& name,
                                          const TraceOptions& options, TraceCounts* counts);

// The text of a DAG file that sleeps as long as the tasks took.
std::string DagFileOf(const TraceJob& job);

}  // namespace beeflow
