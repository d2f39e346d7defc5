// What the scheduler wants of the author's own code besides tasks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dag/dag.h"
#include "scheduler/records.h"
#include "timetable/timetable.h"

namespace beeflow {

// When does a DAG with a timetable of its author's run next?
struct TimetableQuestion {
  std::string dag_id;
  std::string file;
  std::string dag_hash;
  std::optional<DataInterval> last;
  Restriction restriction;
};

// A run ended, or tasks of it missed their SLA, and the DAG has a callback for that.
struct DagCallback {
  RunRecord run;
  std::string file;
  std::string dag_hash;
  std::vector<TaskRecord> tasks;
  std::vector<std::string> late;  // task ids; empty: the run ended
  Time when{};                    // when these were found to be late
};

}  // namespace beeflow
