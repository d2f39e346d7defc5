// The metadata database as people see it, through the CLI and the API: queries and edits by name.
// Every call is one transaction of its own, so an edit is a committed change that the control loop
// learns of through the change feed, whether it runs in this process, in another, or later.
//
// Threads: a Catalog belongs to one thread; several may be open on the same database at once.
// Errors: kNotFound names what is missing, kConflict what exists already, kInvalid what is wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ports/backfill.h"
#include "scheduler/records.h"
#include "scheduler/report.h"

namespace beeflow {

struct DagInfo {
  DagRecord record;
  std::string display_name;  // the id where the file gives none
  std::string description;
  std::vector<std::string> owners;
  std::vector<std::string> tags;
  std::string schedule;  // as Airflow shows it: "*/5 * * * *", "1 day, 0:00:00", "None"
  int max_active_tasks = 16;
  int max_active_runs = 16;
  bool has_import_errors = false;
  bool has_task_concurrency_limits = false;  // a task has a max_active_tis_per_dag or _per_dagrun
  std::optional<Time> last_parsed;
};

struct RunFilter {
  std::optional<std::string> dag_id;
  std::optional<std::string> run_id;
  std::vector<RunState> states;  // empty: any
  std::optional<Time> logical_date_from;
  std::optional<Time> logical_date_to;
  int64_t limit = 1000;
  int64_t offset = 0;
  bool newest_first = true;  // by logical date, then id
};

struct TaskInfo {
  TaskRecord record;
  std::optional<double> duration;  // seconds
  std::string operator_name;
  std::string pool;
  int pool_slots = 1;
  std::string queue;
  int64_t priority_weight = 1;
  std::string hostname;
  std::string unixname;
  std::string rendered_map_index;  // "": none
  int64_t pid = 0;
  std::optional<Time> queued_at;
};

// An attempt that ended.
struct AttemptInfo {
  std::string task_id;
  int map_index = -1;
  int try_number = 0;
  std::string attempt_id;
  std::string state;
  std::optional<Time> start_date;
  std::optional<Time> end_date;
  AttemptUsage usage;
  std::string reason;
};

struct ImportErrorInfo {
  int64_t id = 0;
  std::string file;
  std::string stacktrace;
  Time timestamp{};
};

struct PoolInfo {
  PoolRecord record;
  std::string description;
  bool include_deferred = false;
  int64_t running_slots = 0;
  int64_t queued_slots = 0;
  int64_t scheduled_slots = 0;
};

struct AuditEntry {
  int64_t id = 0;
  Time when{};
  std::string dag_id, task_id, run_id, event, owner, extra;
};

// Which task instances an edit concerns. `tasks` empty: all of the run.
struct TaskSelection {
  RunKey run;
  std::vector<std::string> tasks;
  bool only_failed = false;  // failed and upstream_failed
  bool only_running = false;
  std::optional<int> map_index = {};  // only this instance of mapped tasks
};

// Which task instances of some runs of a DAG are to be cleared. Without tasks and instances: all.
// Runs and tasks that are not there have nothing to clear.
struct ClearSelection {
  std::string dag_id{};
  std::vector<std::string> runs{};
  std::vector<std::string> tasks{};                      // all instances of these
  std::vector<std::pair<std::string, int>> instances{};  // single ones, by task and map index
  std::optional<int> map_index{};                        // of the tasks only this instance
  bool only_failed = false;                              // failed and upstream_failed
  bool only_running = false;
  bool requeue_runs = true;  // those that have ended go back to queued
};

struct ClearedTask {
  std::string run_id;
  std::string task_id;
  int map_index = -1;
  TaskState state = TaskState::kNone;  // as it is: before clearing, or after
};

class Catalog {
 public:
  virtual ~Catalog() = default;

  virtual Result<std::vector<DagInfo>> Dags(bool only_active) = 0;
  virtual Result<DagInfo> Dag(const std::string& dag_id) = 0;
  virtual Result<std::shared_ptr<const beeflow::Dag>> Model(const std::string& dag_id) = 0;
  // The serialized DAG (JSON text) and the source of its file.
  virtual Result<std::string> SerializedDag(const std::string& dag_id) = 0;
  virtual Result<std::string> Source(const std::string& dag_id) = 0;
  virtual Result<std::vector<RunRecord>> Runs(const RunFilter& filter) = 0;
  virtual Result<int64_t> CountRuns(const RunFilter& filter) = 0;
  virtual Result<RunRecord> Run(const RunKey& run) = 0;
  // In the order of the DAG's tasks as stored, then map index.
  virtual Result<std::vector<TaskInfo>> Tasks(const RunKey& run) = 0;
  virtual Result<TaskInfo> Task(const RunKey& run, const std::string& task_id, int map_index) = 0;
  // By task, map index and try; in the order in which those of one try ended.
  virtual Result<std::vector<AttemptInfo>> Attempts(const RunKey& run) = 0;
  virtual Result<std::vector<ImportErrorInfo>> ImportErrors() = 0;
  virtual Result<std::vector<PoolInfo>> Pools() = 0;
  virtual Result<std::vector<AuditEntry>> AuditLog(const std::optional<std::string>& dag_id,
                                                   int64_t limit) = 0;

  virtual Result<std::vector<BackfillInfo>> Backfills(const BackfillFilter& filter) = 0;
  // How many there are, whatever limit and offset say.
  virtual Result<int64_t> CountBackfills(const BackfillFilter& filter) = 0;
  virtual Result<BackfillInfo> Backfill(int64_t id) = 0;
  // The logical dates for which CreateBackfill would start runs, in that order.
  virtual Result<std::vector<Time>> DryRunBackfill(const BackfillOrder& order, Time now) = 0;

  // Runs `edits`, which may use this catalog, as one transaction: all of it is committed, or, where
  // it fails, nothing.
  virtual Status Together(const std::function<Status()>& edits) = 0;

  virtual Status SetPaused(const std::string& dag_id, bool paused) = 0;
  // Inserts the run in state queued; kConflict where the run id or logical date exists.
  virtual Result<RunRecord> CreateRun(const RunRecord& run) = 0;
  // Makes or clears the runs of the intervals that have none or are to start anew (PlanBackfill,
  // WhyKept). kConflict where the DAG has a backfill that is not completed.
  virtual Result<BackfillInfo> CreateBackfill(const BackfillOrder& order, Time now) = 0;
  // kConflict where it is completed. While it is paused none of its runs starts.
  virtual Status SetBackfillPaused(int64_t id, bool paused, Time now) = 0;
  // Its queued runs fail, the running ones go on; it is completed.
  virtual Status CancelBackfill(int64_t id, Time now) = 0;
  // Removes the DAG and all of its runs, task instances, XComs. kConflict while one of its task
  // instances is running. It comes back, with no history, if its file still defines it.
  virtual Status DeleteDag(const std::string& dag_id) = 0;
  virtual Status DeleteRun(const RunKey& run) = 0;
  // Airflow's clear: finished task instances go to none with fresh tries, running ones to
  // restarting; their runs go back to queued. Returns what was cleared, in no order.
  virtual Result<std::vector<ClearedTask>> Clear(const ClearSelection& selection) = 0;
  // What Clear would clear: in the order of the runs as given, then of the DAG's tasks.
  virtual Result<std::vector<ClearedTask>> Clearable(const ClearSelection& selection) = 0;
  // Marks task instances success, failed or skipped; creates nothing. Returns how many changed.
  virtual Result<int64_t> SetTaskState(const TaskSelection& selection, TaskState state,
                                       Time now) = 0;
  virtual Status SetRunState(const RunKey& run, RunState state, Time now) = 0;
  // The note that people see at a run, or at a task instance; it replaces the one before.
  virtual Status SetRunNote(const RunKey& run, const std::string& note, Time now) = 0;
  virtual Status SetTaskNote(const RunKey& run, const std::string& task_id, int map_index,
                             const std::string& note, Time now) = 0;
  virtual Status SetPool(const PoolInfo& pool) = 0;  // creates or changes
  virtual Status DeletePool(const std::string& name) = 0;
  // An audit line: who did what.
  virtual Status Audit(const AuditEntry& entry) = 0;
  // XCom values of a task instance, key to JSON text.
  virtual Result<std::map<std::string, std::string>> XComs(const RunKey& run,
                                                           const std::string& task_id,
                                                           int map_index) = 0;
};

// One of the exported tables (beeflow export): streams rows as text cells, in the column order of
// the header; an absent cell is NULL.
class ExportSource {
 public:
  virtual ~ExportSource() = default;
  using Row = std::vector<std::optional<std::string>>;
  // Table is "dagrun", "taskinstance", "taskfail", "attempt" or "dagtask" (the tasks of the DAGs as
  // they are now: dag_id, task_id, operator, queue, pool, and upstream_task_ids, separated by
  // blanks). Calls `visit` for the header first.
  virtual Status Export(const std::string& table,
                        const std::function<Status(const Row&)>& visit) = 0;
};

}  // namespace beeflow
