// What the scheduler decides: values that a Store carries out in one transaction. Each change of a
// task instance or run names the state that it was decided on; a Store leaves a row alone whose
// state is no longer that (compare-and-set) and says so.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "scheduler/records.h"
#include "scheduler/report.h"

namespace beeflow {

// Inserts a run in state queued. A run with the same run id or logical date wins: then nothing
// happens.
struct CreateRun {
  RunRecord run;
  bool by_datasets = false;  // uses up what was updated of the DAG's datasets
};

// queued -> running, running -> success or failed, ...
struct ChangeRun {
  RunKey run;
  RunState from = RunState::kQueued;
  RunState to = RunState::kRunning;
  std::optional<Time> start_date;  // set where present
  std::optional<Time> end_date;
  std::string reason;  // for people: why a run failed without a failed task; "" otherwise
};

// Inserts task instances in state none for the given tasks of a run; those that exist stay.
struct CreateTasks {
  RunKey run;
  std::shared_ptr<const Dag> dag;
  std::vector<TaskIndex> tasks;
};

// Gives a mapped task its instances: those from `from` up to `to`, in state none. Where `from` is 0
// they replace the row of the task that was not expanded, which must be in state none.
struct ExpandTask {
  RunKey run;
  std::shared_ptr<const Dag> dag;
  TaskIndex task = 0;
  int from = 0;
  int to = 0;
};

// One transition of one task instance.
struct ChangeTask {
  // What it was decided on. The guard is (from, from_try, from_attempt).
  RunKey run;
  std::shared_ptr<const Dag> dag;  // null for a task that is no longer in the DAG
  std::string task_id;
  int map_index = -1;
  TaskState from = TaskState::kNone;
  int from_try = 0;
  AttemptId from_attempt = 0;
  // What it becomes. Optional fields are written where present.
  TaskState to = TaskState::kNone;
  int try_number = 0;
  AttemptId attempt = 0;
  std::optional<Time> queued_at;
  std::optional<Time> start_date;
  std::optional<Time> end_date;  // writes duration too
  std::optional<int> max_tries;
  std::string hostname;                                    // written where not empty
  int64_t pid = 0;                                         // written where not 0
  bool task_failed = false;                                // adds a row to task_fail
  std::string reason;                                      // for the audit log, where not empty
  std::vector<std::pair<std::string, std::string>> xcoms;  // key, JSON text
  std::optional<int64_t> map_length;    // of the returned value, for the tasks mapped over it
  std::string rendered_map_index;       // written where not empty
  std::optional<Deferral> deferral;     // to deferred
  std::optional<Time> trigger_since;    // when the trigger's timeout begins
  std::optional<Time> reschedule_date;  // to up_for_reschedule
  std::optional<TriggerEvent> event;    // from deferred to scheduled
  std::vector<DatasetEvent> dataset_events;
  std::optional<AttemptUsage> usage;  // adds a row to attempt: an attempt has ended
  bool clear_xcoms = false;           // a new try starts without the XComs of the one before
};

// The schedule updater's columns of `dag`.
struct SetNextRun {
  std::string dag_id;
  std::optional<Time> logical_date;
  std::optional<DataInterval> interval;
  std::optional<Time> create_after;
};

// All runs of a backfill have ended.
struct CompleteBackfill {
  std::string dag_id;
  int64_t backfill_id = 0;
  Time when{};
};

// A line for the audit log (`log` table): something that a user must be told, such as a task that
// waits for a pool that does not exist.
struct Notice {
  RunKey run;
  std::string task_id;  // "" where it concerns the run or the DAG
  std::string event;    // one word, as Airflow's column
  std::string text;
  Time when{};
};

// A task did not succeed within its SLA: a row of `sla_miss`. One that exists wins: each miss is
// noted, and told of, once.
struct MissSla {
  RunKey run;
  std::string task_id;
  Time when{};
};

// How people were told of it.
struct NoteSlaTold {
  RunKey run;
  std::vector<std::string> tasks;
  bool email_sent = false;
  bool notification_sent = false;  // a callback was called, or an e-mail was sent
};

// An attempt has ended whose task instance has gone on without it: a row of `attempt`, and nothing
// else. One that exists wins, and so does nothing where the run is gone.
struct RecordAttempt {
  RunKey run;
  std::string task_id;
  int map_index = -1;
  AttemptId attempt = 0;
  int try_number = 0;
  TaskState state = TaskState::kFailed;  // that its end alone would have led to
  std::optional<Time> start_date;
  std::optional<Time> end_date;
  std::string hostname;
  AttemptUsage usage;
  std::string reason;
};

using Transition =
    std::variant<CreateRun, ChangeRun, CreateTasks, ExpandTask, ChangeTask, SetNextRun,
                 CompleteBackfill, Notice, MissSla, NoteSlaTold, RecordAttempt>;

}  // namespace beeflow
