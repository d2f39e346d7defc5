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
    for (const SlotIndex setup : run.SlotsOf(task)) {
      ++setups;
      succeeded += run.slots[setup].state == TaskState::kSuccess ? 1 : 0;
      skipped += run.slots[setup].state == TaskState::kSkipped ? 1 : 0;
    }
  }
  if (setups == 0 || succeeded > 0) return Verdict::kRun;
  return skipped == setups ? Verdict::kSkip : Verdict::kUpstreamFailed;
}

}  // namespace

Verdict VerdictOn(const Run& run, SlotIndex slot) {
  const TriggerRule rule = run.Model(slot).trigger_rule;
  if (rule == TriggerRule::kAllDoneSetupSuccess) return VerdictOnTeardown(run, slot);
  return Evaluate(rule, run.slots[slot].upstream);
}

}  // namespace beeflow
