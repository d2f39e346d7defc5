// What the scheduler knows of the database, as plain values: one record for each row that matters.
// Names and states are Airflow's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "dag/dag.h"
#include "timetable/timetable.h"

namespace beeflow {

enum class TaskState : uint8_t {
  kNone,
  kRemoved,
  kScheduled,
  kQueued,
  kRunning,
  kSuccess,
  kRestarting,
  kFailed,
  kUpForRetry,
  kUpForReschedule,
  kUpstreamFailed,
  kSkipped,
  kDeferred,
};

enum class RunState : uint8_t { kQueued, kRunning, kSuccess, kFailed };

enum class RunType : uint8_t { kScheduled, kManual, kBackfill, kDatasetTriggered };

// The names in the database; "" is NULL, the state of a task instance that nothing decided on yet.
std::string_view ToString(TaskState state);
std::string_view ToString(RunState state);
std::string_view ToString(RunType type);
std::optional<TaskState> ParseTaskState(std::string_view name);
std::optional<RunState> ParseRunState(std::string_view name);
std::optional<RunType> ParseRunType(std::string_view name);

// success, failed, skipped, upstream_failed, removed: nothing more happens by itself.
bool IsFinished(TaskState state);
inline bool IsFinished(RunState state) {
  return state == RunState::kSuccess || state == RunState::kFailed;
}
// queued or running: holds slots of pools and limits, as Airflow's EXECUTION_STATES. A restarting
// task instance counts too, since its process still runs.
bool HoldsSlot(TaskState state);

// Whether an attempt may be alive: that of a process, or, of a deferred one, of its trigger.
inline bool MayHaveAttempt(TaskState state) {
  return HoldsSlot(state) || state == TaskState::kDeferred;
}

// The fencing token of an attempt; 0 is "none". Written as 16 hexadecimal digits.
using AttemptId = uint64_t;
std::string FormatAttemptId(AttemptId id);
std::optional<AttemptId> ParseAttemptId(std::string_view text);

struct RunKey {
  std::string dag_id;
  std::string run_id;
  bool operator==(const RunKey&) const = default;
};

struct RunRecord {
  int64_t id = 0;  // dag_run.id; 0 before it is stored
  RunKey key;
  RunState state = RunState::kQueued;
  RunType type = RunType::kManual;
  Time logical_date{};
  std::optional<DataInterval> interval;
  std::optional<Time> queued_at;
  std::optional<Time> start_date;
  std::optional<Time> end_date;
  bool external_trigger = false;
  std::string conf = "{}";   // JSON text
  int64_t backfill_id = 0;   // of which it is a part; 0: of none
  int backfill_ordinal = 0;  // its place in there: the lower ones start first
};

// How a task instance goes on that was deferred or rescheduled.
struct Resumption {
  // Deferred: the trigger that is waited for, "" where it has fired, and until when.
  std::string trigger_class;
  std::string trigger_kwargs;  // JSON text
  std::optional<Time> trigger_timeout;
  std::string next_method;  // "": from the start
  std::string next_kwargs;  // JSON text
  std::optional<Time> reschedule_date;
  int reschedules = 0;             // of this try
  std::optional<Time> start_date;  // of this try
};

struct TaskRecord {
  RunKey run;
  std::string task_id;
  int map_index = -1;
  TaskState state = TaskState::kNone;
  int try_number = 0;  // of the current or last try; 0 before the first
  int max_tries = 0;
  AttemptId attempt = 0;
  std::optional<Time> start_date;
  std::optional<Time> end_date;
  std::shared_ptr<const Resumption> resumption;  // null for most
};

// The row of `backfill` of a DAG that is not completed; there is one at most.
struct BackfillRecord {
  int64_t id = 0;
  bool is_paused = false;
  int max_active_runs = 10;
  bool operator==(const BackfillRecord&) const = default;
};

// The row of `dag`. next_* are the schedule updater's; create_after is when the run is due.
struct DagRecord {
  std::string dag_id;
  std::string file;
  bool is_paused = true;
  bool is_active = true;
  std::string dag_hash;  // of the current serialized version
  std::optional<Time> next_logical_date;
  std::optional<DataInterval> next_interval;
  std::optional<Time> next_create_after;
  // Datasets of its schedule that were updated since its last run by datasets (the table
  // dataset_dag_run_queue), by name, and when each was first.
  std::vector<std::pair<std::string, Time>> updated_datasets;
  std::optional<BackfillRecord> backfill;  // that is going on
};

struct PoolRecord {
  std::string name;
  int slots = 0;  // -1: no limit
};

struct RunSnapshot {
  RunRecord run;
  std::vector<TaskRecord> tasks;
};

struct DagSnapshot {
  DagRecord record;
  std::shared_ptr<const Dag> dag;
  // The data interval of the scheduled or backfill run with the latest logical date: where the
  // schedule goes on.
  std::optional<DataInterval> last_automated_interval;
};

// Everything that a scheduler starts from: all DAGs with a serialized version, all pools, all runs
// that are queued or running, and all runs with a task instance that may have an attempt.
struct Snapshot {
  std::vector<DagSnapshot> dags;
  std::vector<PoolRecord> pools;
  std::vector<RunSnapshot> runs;
};

}  // namespace beeflow
