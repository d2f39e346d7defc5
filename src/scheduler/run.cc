#include "scheduler/run.h"

#include "scheduler/dag_entry.h"

namespace beeflow {
namespace {

bool IsActive(TaskState state) { return state != TaskState::kNone && !IsFinished(state); }

bool IsFailure(TaskState state) {
  return state == TaskState::kFailed || state == TaskState::kUpstreamFailed;
}

bool EndedWell(const TaskSlot& slot) {
  return slot.state == TaskState::kSuccess || slot.state == TaskState::kSkipped;
}

}  // namespace

bool Run::may_run() const {
  const DagRecord& record_of_dag = dag_entry->record;
  if (!record_of_dag.is_active || !dag_entry->dag || choice == Choice::kBarred) return false;
  return !record_of_dag.is_paused || record.type == RunType::kBackfill || choice == Choice::kChosen;
}

TaskSlot* Run::Find(const std::string& task_id) {
  if (!dag || slots.empty()) return nullptr;
  const auto task = dag->Find(task_id);
  return task ? &slots[*task] : nullptr;
}

void Run::MarkDirty(TaskIndex task) {
  if (slots[task].dirty) return;
  slots[task].dirty = true;
  dirty.push_back(task);
}

void Run::MarkAllDirty() {
  for (TaskIndex i = 0; i < slots.size(); ++i) MarkDirty(i);
}

void Run::Reset(std::shared_ptr<const Dag> new_dag) {
  dag = std::move(new_dag);
  slots.assign(dag->tasks.size(), TaskSlot());
  dirty.clear();
  rows_checked = false;
  existing = finished = active = holding = pending = failed_leaves = 0;
  for (TaskIndex i = 0; i < slots.size(); ++i) {
    slots[i].upstream.total = static_cast<uint32_t>(dag->tasks[i].upstream.size());
  }
}

void Run::AddRow(TaskIndex task) {
  if (slots[task].exists) return;
  slots[task].exists = true;
  ++existing;
}

void Run::SetState(TaskIndex task, TaskState state) {
  TaskSlot& slot = slots[task];
  const TaskState old = slot.state;
  if (old == state) return;
  slot.state = state;
  finished += static_cast<uint32_t>(IsFinished(state)) - static_cast<uint32_t>(IsFinished(old));
  active += static_cast<uint32_t>(IsActive(state)) - static_cast<uint32_t>(IsActive(old));
  const Task& model = dag->tasks[task];
  if (model.downstream.empty()) {
    failed_leaves +=
        static_cast<uint32_t>(IsFailure(state)) - static_cast<uint32_t>(IsFailure(old));
  }
  if (!IsFinished(old) && !IsFinished(state)) return;
  for (const TaskIndex next : model.downstream) {
    slots[next].upstream.Add(old, -1);
    slots[next].upstream.Add(state, 1);
    MarkDirty(next);
  }
}

bool TakesPart(const Task& task, const RunRecord& run) {
  const bool begun = !task.start_date || *task.start_date <= run.logical_date;
  return run.type == RunType::kBackfill || (begun && !IsOver(task, run));
}

bool IsOver(const Task& task, const RunRecord& run) {
  return task.end_date && run.logical_date > *task.end_date;
}

PastVerdict EvaluatePast(const Run& run, TaskIndex task) {
  const Task& model = run.dag->tasks[task];
  if (!model.depends_on_past) return PastVerdict::kFine;
  if (run.past != Run::Past::kKnown) return PastVerdict::kWait;
  Run* previous = run.previous.get();
  if (!previous) return PastVerdict::kFine;
  const TaskSlot* before = previous->Find(model.id);
  if (!before || !before->exists) {
    // The task starts later or is new since that run, or that run has not started.
    const bool later = model.start_date && *model.start_date > previous->record.logical_date;
    const bool is_new = model.ignore_first_depends_on_past && IsFinished(previous->record.state);
    return later || is_new ? PastVerdict::kFine : PastVerdict::kWait;
  }
  if (!EndedWell(*before)) return PastVerdict::kWait;
  if (!model.wait_for_downstream) return PastVerdict::kFine;
  const auto index = static_cast<TaskIndex>(before - previous->slots.data());
  for (const TaskIndex next : previous->dag->tasks[index].downstream) {
    if (previous->slots[next].exists && !EndedWell(previous->slots[next]))
      return PastVerdict::kWait;
  }
  return PastVerdict::kFine;
}

}  // namespace beeflow
