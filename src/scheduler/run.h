// One DAG run in the scheduler's memory: a slot for each task, and counters that are kept up to
// date with every change, so that nothing is ever counted by walking.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dag/dag.h"
#include "scheduler/records.h"
#include "scheduler/trigger_rule.h"

namespace beeflow {

struct DagEntry;

// A task instance. About 64 bytes: 100,000 active ones must fit in a small process.
struct TaskSlot {
  TaskState state = TaskState::kNone;
  bool exists = false;   // it has a row
  bool decided = false;  // a transition is handed out; the change that it makes is awaited
  bool dirty = false;    // listed in Run::dirty
  bool holds = false;    // has taken from the limits (see Admission)
  bool ended = false;    // its attempt's end was reported; the change is awaited
  bool told = false;     // a notice on why it waits was handed out
  int32_t try_number = 0;
  int32_t max_tries = 0;
  UpstreamCounts upstream;
  AttemptId attempt = 0;
  Time due{};  // up_for_retry, up_for_reschedule: when it is tried again
};

struct Run {
  RunRecord record;
  DagEntry* dag_entry = nullptr;   // owner; outlives the run
  std::shared_ptr<const Dag> dag;  // the version that the slots belong to
  std::vector<TaskSlot> slots;     // by TaskIndex; empty until the run starts
  std::vector<TaskRecord> strays;  // task instances of tasks that the DAG no longer has
  std::vector<TaskIndex> dirty;    // to be looked at in the next pass
  enum class Choice : uint8_t { kByDag, kChosen, kBarred };
  Choice choice = Choice::kByDag;     // see SchedulerOptions::only_runs
  bool listed = false;                // listed in the scheduler's dirty runs
  bool decided = false;               // a ChangeRun is handed out
  bool rows_checked = false;          // every task that takes part was seen to have a row
  uint32_t existing = 0;              // slots with a row
  uint32_t finished = 0;              // of these, finished ones
  uint32_t active = 0;                // of these, neither finished nor in state none
  uint32_t holding = 0;               // slots that hold
  uint32_t pending = 0;               // slots that are decided
  uint32_t failed_leaves = 0;         // failed or upstream_failed tasks without downstream
  std::optional<Time> start_armed;    // when the timer for a logical date in the future fires
  std::optional<Time> timeout_armed;  // when the timer for dagrun_timeout fires
  bool retry_blocked = false;         // a retry was due and could not start
  bool told = false;                  // a notice on why it stands still was handed out
  bool failing = false;  // a task has failed: with fail_fast, the others are to be ended

  // depends_on_past: the run before this one, pinned as long as this one is active.
  enum class Past : uint8_t { kUnused, kAsked, kKnown };
  Past past = Past::kUnused;
  std::shared_ptr<Run> previous;  // kKnown: null where there is none

  bool running() const { return record.state == RunState::kRunning; }
  // Whether its tasks may start. Paused DAGs start nothing new, except for backfills, as in
  // Airflow.
  bool may_run() const;
  bool active_run() const { return !IsFinished(record.state); }
  TaskSlot* Find(const std::string& task_id);
  void MarkDirty(TaskIndex task);
  void MarkAllDirty();

  // Makes slots for all tasks of `dag`, without rows.
  void Reset(std::shared_ptr<const Dag> new_dag);
  // A row came to be in state none.
  void AddRow(TaskIndex task);
  // A row's state changed; counters here and at the downstream tasks follow.
  void SetState(TaskIndex task, TaskState state);
};

// Whether a task takes part in a run: as in Airflow, not before its own start date nor after its
// own end date, except in backfills.
bool TakesPart(const Task& task, const RunRecord& run);
// Whether the task's end date lies before the run: its instance stays without a state.
bool IsOver(const Task& task, const RunRecord& run);

// Whether the task's past allows it to run: depends_on_past and wait_for_downstream.
enum class PastVerdict : uint8_t { kFine, kWait };
PastVerdict EvaluatePast(const Run& run, TaskIndex task);

}  // namespace beeflow
