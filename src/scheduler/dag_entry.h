// One DAG in the scheduler's memory: its row, its model, its runs, and its schedule.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "scheduler/admission.h"
#include "scheduler/records.h"
#include "scheduler/run.h"

namespace beeflow {

// Runs that share a limit on how many of them run at once.
struct RunGroup {
  // In the order in which they start: place in the backfill, logical date, run id.
  std::set<std::tuple<int, Time, std::string>> queued;
  int running = 0;
};

struct DagEntry {
  DagRecord record;
  std::shared_ptr<const Dag> dag;  // null until a serialized version is known
  Timetable timetable;
  std::string model_hash;  // record.dag_hash of `dag`
  std::optional<DataInterval> last_automated_interval;

  // Runs that are active, that hold slots, or that an active run depends on.
  std::map<std::string, std::shared_ptr<Run>> runs;
  // The active ones of these, by their backfill; under 0 those of none.
  std::map<int64_t, RunGroup> groups;
  bool backfill_ends = false;  // a CompleteBackfill was handed out for it as it is

  Limit active_tasks;
  // max_active_tis_per_dag, for the tasks that have it.
  std::map<std::string, std::unique_ptr<Limit>> active_tis;

  // Of a timetable that is the author's own class: what it was asked, and its answer.
  struct CustomTimetable {
    bool asked = false;
    std::optional<DataInterval> last;  // the question
    std::string dag_hash;
    std::optional<NextRun> next;
  };
  CustomTimetable custom;

  bool dataset_run_made = false;  // a run by datasets was handed out; the change is awaited
  bool listed = false;            // listed in the scheduler's dirty DAGs
  std::optional<Time> armed;      // when its timer is to fire

  bool runnable() const { return record.is_active && !record.is_paused && dag; }
  // 0: no limit.
  int max_active_runs() const;
  // Whether another run may be created that is none of a backfill: those count by themselves.
  bool has_room() const;

  // Enters an active run in its group, or takes it out.
  void Count(const RunRecord& run);
  void Discount(const RunRecord& run);

  // The next run by the schedule, whether there is room for it or not.
  std::optional<NextRun> NextScheduled(Time now) const;
};

// The bounds that DAG and tasks set on scheduled runs (Airflow: DAG._time_restriction).
Restriction RestrictionOf(const Dag& dag);

// Airflow's run id: "scheduled__2021-01-01T00:00:00+00:00".
std::string MakeRunId(RunType type, Time logical_date);

}  // namespace beeflow
