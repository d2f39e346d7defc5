// Dynamic task mapping: when a mapped task gets its instances, and how many.
#include <algorithm>
#include <utility>

#include "dag/mapping.h"
#include "scheduler/scheduler.h"
#include "scheduler/verdict.h"

namespace beeflow {
namespace {

// What the sources of a mapping allow, as Airflow's MappedTaskUpstreamDep: one that was itself
// expanded counts as a success, since its instances are left to the trigger rule.
Verdict VerdictOnSources(const Run& run, const Mapping& mapping) {
  Verdict verdict = Verdict::kRun;
  for (const TaskIndex source : mapping.sources) {
    for (const SlotIndex slot : run.SlotsOf(source)) {
      if (!IsFinished(run.slots[slot].state)) return Verdict::kWait;
    }
    if (run.is_expanded(source)) continue;
    const TaskState state = run.slots[source].state;
    if (state == TaskState::kSkipped) return Verdict::kSkip;
    if (state != TaskState::kSuccess) verdict = Verdict::kUpstreamFailed;
  }
  return verdict;
}

}  // namespace

// True where the task instance is to be decided on like any other.
bool Scheduler::DecideExpansion(const RunPtr& run, SlotIndex task, Time now,
                                std::vector<Transition>* out) {
  const Mapping* mapping = run->Model(task).mapping.get();
  if (!mapping || run->slots[task].state != TaskState::kNone) return true;
  if (run->MapIndexOf(task) >= 0) return Revise(run, task, now, out);
  // Tasks of a group expand together, so that each index goes its own way; others when they could
  // run.
  if (!mapping->group && VerdictOn(*run, task) != Verdict::kRun) return true;
  Expand(run, task, now, out);
  return false;
}

void Scheduler::Expand(const RunPtr& run, TaskIndex task, Time now, std::vector<Transition>* out) {
  switch (VerdictOnSources(*run, *run->dag->tasks[task].mapping)) {
    case Verdict::kWait:
      return;
    case Verdict::kSkip:
      return FinishUnrun(run.get(), task, TaskState::kSkipped, now, out);
    case Verdict::kUpstreamFailed:
      return FinishUnrun(run.get(), task, TaskState::kUpstreamFailed, now, out);
    case Verdict::kRun:
      break;
  }
  const auto length = LengthOf(run, task);
  if (!length) return;
  if (*length <= 0) {
    FinishUnrun(run.get(), task, *length == 0 ? TaskState::kSkipped : TaskState::kUpstreamFailed,
                now, out);
    std::get<ChangeTask>(out->back()).reason =
        *length == 0 ? "it is mapped over nothing"
                     : "what it is mapped over was not returned, or is no list or dict";
    return;
  }
  run->slots[task].decided = true;
  ++run->pending;
  out->push_back(ExpandTask{run->record.key, run->dag, task, 0, static_cast<int>(*length)});
}

// A task that was mapped and ran before: what it is mapped over may have another length now.
bool Scheduler::Revise(const RunPtr& run, SlotIndex task, Time now, std::vector<Transition>* out) {
  const TaskIndex index = run->TaskOf(task);
  Expansion& expansion = run->expansions[index];
  if (!expansion.outdated) return true;
  if (VerdictOnSources(*run, *run->Model(task).mapping) != Verdict::kRun) return true;
  const auto length = LengthOf(run, index);
  if (!length) return false;
  expansion.outdated = false;
  const auto count = static_cast<int64_t>(expansion.slots.size());
  if (*length > count) {
    out->push_back(ExpandTask{run->record.key, run->dag, index, static_cast<int>(count),
                              static_cast<int>(*length)});
  }
  for (int64_t i = std::max<int64_t>(*length, 0); i < count; ++i) {
    const SlotIndex surplus = expansion.slots[static_cast<size_t>(i)];
    const TaskSlot& slot = run->slots[surplus];
    if (!slot.exists || slot.decided || slot.state != TaskState::kNone) continue;
    FinishUnrun(run.get(), surplus, TaskState::kRemoved, now, out);
  }
  return !run->slots[task].decided;
}

// Nothing where it has to be asked for; negative where there is none.
std::optional<int64_t> Scheduler::LengthOf(const RunPtr& run, TaskIndex task) {
  const Mapping& mapping = *run->dag->tasks[task].mapping;
  Expansion& expansion = run->expansions[task];
  if (mapping.sources.empty()) return InstanceCount(mapping, {});
  if (!expansion.length && !std::exchange(expansion.asked, true)) {
    wants_.lengths.push_back({run->record.key, run->dag, task});
  }
  return expansion.length;
}

void Scheduler::OnLength(const RunKey& key, const std::string& task_id,
                         std::optional<int64_t> length) {
  const RunPtr run = FindRun(key);
  const auto task = run && run->dag ? run->dag->Find(task_id) : std::nullopt;
  if (!task || run->expansions.empty()) return;
  Expansion& expansion = run->expansions[*task];
  expansion.asked = false;
  expansion.length = length.value_or(-1);
  for (const SlotIndex slot : run->SlotsOf(*task)) run->MarkDirty(slot);
  ListRun(run);
}

void Scheduler::OnTaskExpanded(const ExpandTask& expanded) {
  const RunPtr run = FindRun(expanded.run);
  if (!run) return;
  if (run->dag != expanded.dag || run->slots.empty()) return Want(expanded.run);
  TaskSlot& whole = run->slots[expanded.task];
  if (expanded.from == 0 && std::exchange(whole.decided, false)) --run->pending;
  run->Expand(expanded.task, expanded.to);
  for (int i = expanded.from; i < expanded.to; ++i) {
    const SlotIndex slot = run->expansions[expanded.task].slots[static_cast<size_t>(i)];
    run->AddRow(slot);
    run->slots[slot].max_tries = run->Model(slot).retries;
    run->MarkDirty(slot);
  }
  ListRun(run);
}

}  // namespace beeflow
