// Backfills: runs for the intervals of a DAG's schedule between two dates, as Airflow 3 has them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scheduler/records.h"

namespace beeflow {

// Which of the runs that are there already, and have ended, start anew.
enum class Reprocess : uint8_t { kNone, kFailed, kCompleted };
std::string_view ToString(Reprocess reprocess);
std::optional<Reprocess> ParseReprocess(std::string_view name);

// What is asked for.
struct BackfillOrder {
  std::string dag_id;
  Time from{};  // logical dates, both included
  Time to{};
  std::optional<std::string> conf;  // JSON text; absent: runs that start anew keep theirs
  bool backwards = false;           // the latest starts first
  Reprocess reprocess = Reprocess::kNone;
  int max_active_runs = 10;
  std::string user;  // who asks; "": nobody knows
};

// The row of `backfill`.
struct BackfillInfo {
  int64_t id = 0;
  BackfillOrder order;  // `backwards` is not kept
  bool is_paused = false;
  Time created_at{};
  Time updated_at{};
  std::optional<Time> completed_at;
  std::map<RunState, int64_t> runs;  // how many of its runs are in that state
  int64_t without_run = 0;           // its intervals that have no run of it
};

struct BackfillFilter {
  std::optional<std::string> dag_id;
  bool only_active = false;
  bool newest_first = false;  // by id
  int64_t limit = 50;
  int64_t offset = 0;
};

// Why an interval gets no run of the backfill, as the column exception_reason has it: a run is
// there in that state. "": it starts anew.
std::string_view WhyKept(RunState state, Reprocess reprocess);

// The intervals with logical dates from `from` to `to`, both included, oldest first. Fails where
// the DAG has no schedule to take intervals from, where there is none between the dates, and where
// there are more than 10,000.
Result<std::vector<NextRun>> IntervalsBetween(const Dag& dag, Time from, Time to, Time now);

// The run of type backfill for an interval; queued at `now`.
RunRecord BackfillRun(const Dag& dag, const NextRun& interval, const std::string& conf, Time now);

// The intervals of a backfill that have ended, in the order in which their runs start. Fails,
// besides, where the DAG cannot be filled that way: as in Airflow, tasks that depend on their past
// allow no backwards, and want runs that are there to start anew.
Result<std::vector<NextRun>> PlanBackfill(const Dag& dag, const BackfillOrder& order, Time now);

}  // namespace beeflow
