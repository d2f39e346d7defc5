// One DAG in the scheduler's memory: its row, its model, its runs, and its schedule.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/admission.h"
#include "scheduler/records.h"
#include "scheduler/run.h"

namespace beeflow {

struct DagEntry {
  DagRecord record;
  std::shared_ptr<const Dag> dag;  // null until a serialized version is known
  Timetable timetable;
  std::string model_hash;  // record.dag_hash of `dag`
  std::optional<DataInterval> last_automated_interval;

  // Runs that are active, that hold slots, or that an active run depends on.
  std::map<std::string, std::shared_ptr<Run>> runs;
  std::set<std::pair<Time, std::string>> queued;  // logical date, run id
  int running = 0;

  Limit active_tasks;
  // max_active_tis_per_dag, for the tasks that have it.
  std::map<std::string, std::unique_ptr<Limit>> active_tis;

  bool dataset_run_made = false;  // a run by datasets was handed out; the change is awaited
  bool listed = false;            // listed in the scheduler's dirty DAGs
  std::optional<Time> armed;      // when its timer is to fire

  bool runnable() const { return record.is_active && !record.is_paused && dag; }
  int active_runs() const { return running + static_cast<int>(queued.size()); }
  // 0: no limit.
  int max_active_runs() const;

  bool has_room() const { return max_active_runs() == 0 || active_runs() < max_active_runs(); }

  // The next run by the schedule, whether there is room for it or not.
  std::optional<NextRun> NextScheduled(Time now) const;
};

// The bounds that DAG and tasks set on scheduled runs (Airflow: DAG._time_restriction).
Restriction RestrictionOf(const Dag& dag);

// Airflow's run id: "scheduled__2021-01-01T00:00:00+00:00".
std::string MakeRunId(RunType type, Time logical_date);

}  // namespace beeflow
