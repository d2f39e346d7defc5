// One DAG run in the scheduler's memory: a slot for each task, and counters that are kept up to
// date with every change, so that nothing is ever counted by walking.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dag/dag.h"
#include "scheduler/admission.h"
#include "scheduler/records.h"
#include "scheduler/trigger_rule.h"

namespace beeflow {

struct DagEntry;

// Where a task instance has its slot: the TaskIndex of its task, or, for an instance of a task that
// was expanded, a place behind those.
using SlotIndex = uint32_t;

// A task instance. About 64 bytes: 100,000 active ones must fit in a small process.
struct TaskSlot {
  TaskState state = TaskState::kNone;
  bool exists = false;   // it has a row
  bool decided = false;  // a transition is handed out; the change that it makes is awaited
  bool dirty = false;    // listed in Run::dirty
  bool holds = false;    // has taken from the limits (see Admission)
  bool ended = false;    // its attempt's end was reported; the change is awaited
  bool told = false;     // a notice on why it waits was handed out
  bool waits = false;    // is offered to Admission, which has not let it start
  int32_t try_number = 0;
  int32_t max_tries = 0;
  UpstreamCounts upstream;
  AttemptId attempt = 0;
  Time due{};                  // up_for_retry, up_for_reschedule: when it is tried again
  Limit* parked_at = nullptr;  // which stops it; null where none does or it was not looked at yet
};

// The instances of a mapped task. Before it is expanded, the slot of the task stands for all.
struct Expansion {
  std::vector<SlotIndex> slots;   // by map index
  bool outdated = false;          // a source ran again: the length may be another one
  bool asked = false;             // the length is wanted
  std::optional<int64_t> length;  // as the database has it now
};
struct ExpandedSlot {
  TaskIndex task = 0;
  int map_index = 0;
};

struct Run {
  RunRecord record;
  DagEntry* dag_entry = nullptr;   // owner; outlives the run
  std::shared_ptr<const Dag> dag;  // the version that the slots belong to
  std::vector<TaskSlot> slots;     // by SlotIndex; empty until the run starts
  std::vector<TaskRecord> strays;  // task instances of tasks that the DAG no longer has
  std::vector<SlotIndex> dirty;    // to be looked at in the next pass
  // Of mapped tasks, by TaskIndex; empty where the DAG maps nothing.
  std::vector<Expansion> expansions;
  std::vector<ExpandedSlot> expanded;  // of the slots behind those of the tasks
  enum class Choice : uint8_t { kByDag, kChosen, kBarred };
  Choice choice = Choice::kByDag;  // see SchedulerOptions::only_runs
  // max_active_tis_per_dagrun, for the tasks that have it.
  std::map<std::string, std::unique_ptr<Limit>> active_tis;
  bool listed = false;                // listed in the scheduler's dirty runs
  bool decided = false;               // a ChangeRun is handed out
  bool rows_checked = false;          // every task that takes part was seen to have a row
  uint32_t existing = 0;              // slots with a row
  uint32_t finished = 0;              // of these, finished ones
  uint32_t active = 0;                // of these, neither finished nor in state none
  uint32_t holding = 0;               // slots that hold
  uint32_t pending = 0;               // slots that are decided
  uint32_t failed_leaves = 0;         // failed or upstream_failed instances of leaves
  std::optional<Time> start_armed;    // when the timer for a logical date in the future fires
  std::optional<Time> timeout_armed;  // when the timer for dagrun_timeout fires
  Time sla_check{};                   // when its SLAs are looked at next: zero: now; max: never
  std::set<std::string> sla_missed;   // tasks of which a MissSla was handed out
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
  TaskIndex TaskOf(SlotIndex slot) const {
    return slot < dag->tasks.size() ? slot : expanded[slot - dag->tasks.size()].task;
  }
  int MapIndexOf(SlotIndex slot) const {
    return slot < dag->tasks.size() ? -1 : expanded[slot - dag->tasks.size()].map_index;
  }
  const Task& Model(SlotIndex slot) const { return dag->tasks[TaskOf(slot)]; }
  // Where the instance has its slot; nothing where there is none.
  std::optional<SlotIndex> SlotOf(TaskIndex task, int map_index) const;
  bool is_expanded(TaskIndex task) const {
    return !expansions.empty() && !expansions[task].slots.empty();
  }
  // The slots of a task: its own, or those of its instances.
  std::vector<SlotIndex> SlotsOf(TaskIndex task) const;
  void MarkDirty(SlotIndex slot);
  void MarkAllDirty();

  // Makes slots for all tasks of `dag`, without rows.
  void Reset(std::shared_ptr<const Dag> new_dag);
  // A row came to be in state none.
  void AddRow(SlotIndex slot);
  void RemoveRow(SlotIndex slot);
  // The slots of `task` that `slot`, upstream of it, counts for.
  std::vector<SlotIndex> FedBy(SlotIndex slot, TaskIndex task) const;
  // The slots of `up`, a task upstream, that count for `slot`; in a mapped group the one beside it.
  std::vector<SlotIndex> Feeding(TaskIndex up, SlotIndex slot) const;
  // A row's state changed; counters here and at the downstream tasks follow.
  void SetState(SlotIndex slot, TaskState state);
  // Makes slots for the first `count` instances of a mapped task, without rows; what exists stays.
  void Expand(TaskIndex task, int count);
};

// Whether the task has instances, and all of them succeeded or were skipped.
bool HasSucceeded(const Run& run, TaskIndex task);
// Whether a task instance of it may have an attempt; one that waits for a trigger holds no slot.
bool MayHaveAttempts(const Run& run);
// Whether the run is going again, since task instances of it were cleared.
bool WasCleared(const Run& run);
// Whether a task takes part in a run: as in Airflow, not before its own start date nor after its
// own end date, except in backfills.
bool TakesPart(const Task& task, const RunRecord& run);
// Whether the task's end date lies before the run: its instance stays without a state.
bool IsOver(const Task& task, const RunRecord& run);

// Whether the task's past allows it to run: depends_on_past and wait_for_downstream.
enum class PastVerdict : uint8_t { kFine, kWait };
PastVerdict EvaluatePast(const Run& run, SlotIndex slot);

}  // namespace beeflow
