// All that an executor needs to run a task instance once.
#pragma once

#include <memory>
#include <string>

#include "dag/dag.h"
#include "scheduler/records.h"

namespace beeflow {

struct Attempt {
  AttemptId id = 0;
  RunRecord run;
  std::shared_ptr<const Dag> dag;
  TaskIndex task = 0;
  int map_index = -1;
  int try_number = 1;
  int max_tries = 0;
  std::string file;  // DAG file, absolute path
  std::string dag_hash;
  // Where it goes on, or, of a deferred task instance, the trigger to run; null for most.
  std::shared_ptr<const Resumption> resumption;
};

}  // namespace beeflow
