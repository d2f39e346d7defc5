// What only the author's own code can tell or do, apart from tasks: timetables that are classes of
// a DAG file, and the callbacks of a DAG. Implementations run it outside of the control process.
//
// Threads: called on the thread of the control loop; calls back on the same thread, never from
// within a method.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "scheduler/dag_code.h"
#include "scheduler/transition.h"

namespace beeflow {

// Which data does a run cover that is triggered by hand, where only the author's code knows?
struct ManualIntervalQuestion {
  std::string dag_id;
  std::string file;
  std::string dag_hash;
  Time run_after{};  // the logical date of the run
};

class DagCode {
 public:
  virtual ~DagCode() = default;

  // The run that the author's timetable wants next; nothing where there is none.
  using NextRunDone = std::function<void(const Result<std::optional<NextRun>>&)>;
  virtual void AskNextRun(const TimetableQuestion& question, NextRunDone done) = 0;
  // What the author's timetable infers for a run that is triggered by hand.
  using IntervalDone = std::function<void(const Result<DataInterval>&)>;
  virtual void AskManualInterval(const ManualIntervalQuestion& question, IntervalDone done) = 0;
  // Tried once, as in Airflow; what goes wrong is in the server's log. Of missed SLAs `told` hears
  // how people were told; of the end of a run it is not called.
  using SlaTold = std::function<void(NoteSlaTold)>;
  virtual void RunCallback(const DagCallback& callback, SlaTold told) = 0;
};

}  // namespace beeflow
