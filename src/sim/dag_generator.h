// Random DAGs as a parser would hand them back, and random new versions of them.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "ports/parsed_file.h"

namespace beeflow {

// Which features the DAGs of one simulation use, in thousandths of the tasks or DAGs that have
// them.
struct DagProfile {
  int tasks_max = 12;
  int other_rules = 0;  // trigger rules besides all_success
  int empty = 250;
  int retries = 300;
  int backoff = 0;
  int small_pool = 0;
  int missing_pool = 0;
  int past = 0;  // DAGs with depends_on_past
  int tis_limit = 0;
  int own_dates = 0;  // tasks with a start or end date of their own
  int scheduled = 500;
  int timeout = 0;
  int fail_fast = 0;
  int sla = 0;
  int mapped = 0;  // over a literal or over an earlier task
  int groups = 0;  // DAGs with a mapped task group
  int run_limit = 300;
  int task_limit = 300;
};

DagProfile RandomProfile(Random* random);

inline constexpr const char* kSmallPool = "small";
inline constexpr const char* kMissingPool = "missing";

// The file of one DAG. Schedules begin up to `days` days before `now` and end some days after it.
ParsedFile RandomDagFile(Random* random, const DagProfile& profile, const std::string& dag_id,
                         Time now);
// A new version of the file: tasks added, removed, changed.
ParsedFile RandomEdit(Random* random, const DagProfile& profile, const ParsedFile& file, Time now);

}  // namespace beeflow
