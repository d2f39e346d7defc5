#include "scheduler/run.h"

#include <algorithm>

#include "scheduler/dag_entry.h"

namespace beeflow {
namespace {

bool IsActive(TaskState state) { return state != TaskState::kNone && !IsFinished(state); }

bool IsFailure(TaskState state) {
  return state == TaskState::kFailed || state == TaskState::kUpstreamFailed;
}

bool HasRows(const Run& run, TaskIndex task) {
  for (const SlotIndex slot : run.SlotsOf(task)) {
    if (run.slots[slot].exists) return true;
  }
  return false;
}

// All instances that exist; an instance that was removed counts for nothing.
bool EndedWell(const Run& run, TaskIndex task) {
  for (const SlotIndex index : run.SlotsOf(task)) {
    const TaskSlot& slot = run.slots[index];
    const bool well = slot.state == TaskState::kSuccess || slot.state == TaskState::kSkipped ||
                      (slot.state == TaskState::kRemoved && run.MapIndexOf(index) >= 0);
    if (slot.exists && !well) return false;
  }
  return true;
}

// Whether the task has no row but is to get one: the DAG has changed since its run began.
bool AwaitsRow(const Run& run, TaskIndex task) {
  return !IsFinished(run.record.state) && !HasRows(run, task) &&
         TakesPart(run.dag->tasks[task], run.record);
}

// Whether instance i of one depends on instance i of the other.
bool SameGroup(const Run& run, TaskIndex a, TaskIndex b) {
  const Mapping* one = run.dag->tasks[a].mapping.get();
  const Mapping* other = run.dag->tasks[b].mapping.get();
  return one && other && one->group && one->group == other->group;
}

// The slots of `next`, a task downstream of that of `slot`, that `slot` is upstream of.
template <typename Visit>
void ForEachFed(const Run& run, SlotIndex slot, TaskIndex next, const Visit& visit) {
  if (!run.is_expanded(next)) return visit(next);
  const std::vector<SlotIndex>& instances = run.expansions[next].slots;
  // A task of the group that ended before it was expanded stands for all of its instances.
  if (run.MapIndexOf(slot) < 0 || !SameGroup(run, run.TaskOf(slot), next)) {
    for (const SlotIndex instance : instances) visit(instance);
  } else if (const auto beside = run.SlotOf(next, run.MapIndexOf(slot))) {
    visit(*beside);
  }
}

// From the states of the tasks upstream; for an instance of a group, of those beside it in there.
UpstreamCounts CountUpstream(const Run& run, TaskIndex task, std::optional<int> map_index) {
  UpstreamCounts counts;
  const auto count = [&](SlotIndex slot) {
    ++counts.total;
    counts.Add(run.slots[slot].state, 1);
  };
  for (const TaskIndex up : run.dag->tasks[task].upstream) {
    if (map_index && run.is_expanded(up) && SameGroup(run, up, task)) {
      if (const auto beside = run.SlotOf(up, *map_index)) {
        count(*beside);
      } else {
        ++counts.total;
      }
    } else {
      for (const SlotIndex slot : run.SlotsOf(up)) count(slot);
    }
  }
  return counts;
}

}  // namespace

bool HasSucceeded(const Run& run, TaskIndex task) {
  return !run.slots.empty() && HasRows(run, task) && EndedWell(run, task);
}

bool MayHaveAttempts(const Run& run) {
  return run.holding > 0 || std::any_of(run.slots.begin(), run.slots.end(), [](const auto& slot) {
           return slot.state == TaskState::kDeferred;
         });
}

// Clearing grants more tries than the task has by itself.
bool WasCleared(const Run& run) {
  for (SlotIndex i = 0; i < run.slots.size(); ++i) {
    if (run.slots[i].exists && run.slots[i].max_tries > run.Model(i).retries) return true;
  }
  return false;
}

bool Run::may_run() const {
  const DagRecord& record_of_dag = dag_entry->record;
  if (!record_of_dag.is_active || !dag_entry->dag || choice == Choice::kBarred) return false;
  return !record_of_dag.is_paused || record.type == RunType::kBackfill || choice == Choice::kChosen;
}

void Run::MarkDirty(SlotIndex slot) {
  if (slots[slot].dirty) return;
  slots[slot].dirty = true;
  dirty.push_back(slot);
}

void Run::MarkAllDirty() {
  for (SlotIndex i = 0; i < slots.size(); ++i) MarkDirty(i);
}

void Run::Reset(std::shared_ptr<const Dag> new_dag) {
  dag = std::move(new_dag);
  slots.assign(dag->tasks.size(), TaskSlot());
  dirty.clear();
  expanded.clear();
  expansions.assign(dag->maps ? dag->tasks.size() : 0, Expansion());
  rows_checked = false;
  existing = finished = active = holding = pending = failed_leaves = 0;
  for (TaskIndex i = 0; i < slots.size(); ++i) {
    slots[i].upstream.total = static_cast<uint32_t>(dag->tasks[i].upstream.size());
  }
}

std::optional<SlotIndex> Run::SlotOf(TaskIndex task, int map_index) const {
  if (map_index < 0) return is_expanded(task) ? std::nullopt : std::optional<SlotIndex>(task);
  if (expansions.empty()) return std::nullopt;
  const std::vector<SlotIndex>& instances = expansions[task].slots;
  const auto index = static_cast<size_t>(map_index);
  return index < instances.size() ? std::optional<SlotIndex>(instances[index]) : std::nullopt;
}

std::vector<SlotIndex> Run::SlotsOf(TaskIndex task) const {
  return is_expanded(task) ? expansions[task].slots : std::vector<SlotIndex>{task};
}

std::vector<SlotIndex> Run::FedBy(SlotIndex slot, TaskIndex task) const {
  std::vector<SlotIndex> fed;
  ForEachFed(*this, slot, task, [&](SlotIndex next) { fed.push_back(next); });
  return fed;
}

std::vector<SlotIndex> Run::Feeding(TaskIndex up, SlotIndex slot) const {
  const int index = MapIndexOf(slot);
  if (index < 0 || !is_expanded(up) || !SameGroup(*this, up, TaskOf(slot))) return SlotsOf(up);
  const auto beside = SlotOf(up, index);
  return beside ? std::vector<SlotIndex>{*beside} : std::vector<SlotIndex>();
}

void Run::AddRow(SlotIndex slot) {
  if (slots[slot].exists) return;
  slots[slot].exists = true;
  ++existing;
}

void Run::RemoveRow(SlotIndex slot) {
  if (!slots[slot].exists) return;
  SetState(slot, TaskState::kNone);
  slots[slot].exists = false;
  --existing;
}

void Run::SetState(SlotIndex slot, TaskState state) {
  const TaskState old = slots[slot].state;
  if (old == state) return;
  slots[slot].state = state;
  finished += static_cast<uint32_t>(IsFinished(state)) - static_cast<uint32_t>(IsFinished(old));
  active += static_cast<uint32_t>(IsActive(state)) - static_cast<uint32_t>(IsActive(old));
  const Task& model = Model(slot);
  if (model.decides_run) {
    failed_leaves +=
        static_cast<uint32_t>(IsFailure(state)) - static_cast<uint32_t>(IsFailure(old));
  }
  if (!IsFinished(old) && !IsFinished(state)) return;
  for (const TaskIndex next : model.downstream) {
    ForEachFed(*this, slot, next, [&](SlotIndex fed) {
      slots[fed].upstream.Add(old, -1);
      slots[fed].upstream.Add(state, 1);
      MarkDirty(fed);
    });
  }
  for (const TaskIndex user : model.scope) {
    for (const SlotIndex fed : SlotsOf(user)) MarkDirty(fed);
  }
  for (const TaskIndex user : model.mapped_over_by) {
    Expansion& expansion = expansions[user];
    expansion.length.reset();
    expansion.outdated = true;
    for (const SlotIndex instance : SlotsOf(user)) MarkDirty(instance);
  }
}

void Run::Expand(TaskIndex task, int count) {
  std::vector<SlotIndex>& instances = expansions[task].slots;
  const auto before = static_cast<int>(instances.size());
  if (count <= before) return;
  if (before == 0) RemoveRow(task);
  const bool in_group = dag->tasks[task].mapping->group.has_value();
  UpstreamCounts same_for_all;
  if (!in_group) same_for_all = CountUpstream(*this, task, std::nullopt);
  for (int i = before; i < count; ++i) {
    instances.push_back(static_cast<SlotIndex>(slots.size()));
    expanded.push_back({task, i});
    slots.emplace_back().upstream = in_group ? CountUpstream(*this, task, i) : same_for_all;
  }
  const auto more = static_cast<uint32_t>(count - std::max(before, 1));
  for (const TaskIndex next : dag->tasks[task].downstream) {
    if (SameGroup(*this, task, next) && is_expanded(next)) continue;
    for (const SlotIndex fed : SlotsOf(next)) slots[fed].upstream.total += more;
  }
}

bool TakesPart(const Task& task, const RunRecord& run) {
  const bool begun = !task.start_date || *task.start_date <= run.logical_date;
  return run.type == RunType::kBackfill || (begun && !IsOver(task, run));
}

bool IsOver(const Task& task, const RunRecord& run) {
  return task.end_date && run.logical_date > *task.end_date;
}

PastVerdict EvaluatePast(const Run& run, SlotIndex slot) {
  const Task& model = run.Model(slot);
  if (!model.depends_on_past) return PastVerdict::kFine;
  if (run.past != Run::Past::kKnown) return PastVerdict::kWait;
  const Run* previous = run.previous.get();
  if (!previous) return PastVerdict::kFine;
  const auto task = previous->dag ? previous->dag->Find(model.id) : std::nullopt;
  if (!task || previous->slots.empty() || !HasRows(*previous, *task)) {
    // The task starts later or is new since that run, or that run has not started.
    const bool later = model.start_date && *model.start_date > previous->record.logical_date;
    const bool is_new = model.ignore_first_depends_on_past && IsFinished(previous->record.state);
    return later || is_new ? PastVerdict::kFine : PastVerdict::kWait;
  }
  if (!EndedWell(*previous, *task)) return PastVerdict::kWait;
  if (!model.wait_for_downstream) return PastVerdict::kFine;
  const std::vector<TaskIndex>& next = previous->dag->tasks[*task].downstream;
  const bool all = std::all_of(next.begin(), next.end(), [&](TaskIndex index) {
    return EndedWell(*previous, index) && !AwaitsRow(*previous, index);
  });
  return all ? PastVerdict::kFine : PastVerdict::kWait;
}

}  // namespace beeflow
