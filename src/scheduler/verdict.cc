#include "scheduler/verdict.h"

namespace beeflow {
namespace {

// A teardown runs once all is done upstream, if one of its setups succeeded.
Verdict VerdictOnTeardown(const Run& run, SlotIndex slot) {
  const UpstreamCounts& up = run.slots[slot].upstream;
  if (up.done() < up.total) return Verdict::kWait;
  uint32_t setups = 0, succeeded = 0, skipped = 0;
  for (const TaskIndex task : run.Model(slot).upstream) {
    if (!run.dag->tasks[task].is_setup) continue;
    for (const SlotIndex setup : run.Feeding(task, slot)) {
      ++setups;
      succeeded += run.slots[setup].state == TaskState::kSuccess ? 1 : 0;
      skipped += run.slots[setup].state == TaskState::kSkipped ? 1 : 0;
    }
  }
  if (setups == 0 || succeeded > 0) return Verdict::kRun;
  return skipped == setups ? Verdict::kSkip : Verdict::kUpstreamFailed;
}

// As in Airflow, a task needs the setups in whose scope it is, whatever its trigger rule.
Verdict VerdictOnSetups(const Run& run, SlotIndex slot) {
  UpstreamCounts setups;
  for (const TaskIndex task : run.Model(slot).setups) {
    for (const SlotIndex setup : run.Feeding(task, slot)) {
      ++setups.total;
      setups.Add(run.slots[setup].state, 1);
    }
  }
  return Evaluate(TriggerRule::kAllSuccess, setups);
}

}  // namespace

Verdict VerdictOn(const Run& run, SlotIndex slot) {
  const TriggerRule rule = run.Model(slot).trigger_rule;
  if (rule == TriggerRule::kAllDoneSetupSuccess) return VerdictOnTeardown(run, slot);
  if (!run.Model(slot).setups.empty() && !run.Model(slot).is_teardown) {
    const Verdict verdict = VerdictOnSetups(run, slot);
    if (verdict != Verdict::kRun) return verdict;
  }
  return Evaluate(rule, run.slots[slot].upstream);
}

}  // namespace beeflow
