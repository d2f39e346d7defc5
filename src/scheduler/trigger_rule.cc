#include "scheduler/trigger_rule.h"

namespace beeflow {
namespace {

Verdict RunIf(bool condition) { return condition ? Verdict::kRun : Verdict::kWait; }

// Rules under which a failure upstream is decided at once, before all upstreams are done.
Verdict AfterFailures(TriggerRule rule, const UpstreamCounts& up) {
  if (up.failed + up.upstream_failed > 0) return Verdict::kUpstreamFailed;
  if (rule == TriggerRule::kAllSuccess) {
    if (up.skipped > 0) return Verdict::kSkip;
    return RunIf(up.success + up.removed >= up.total);
  }
  const bool all_fine = up.success + up.skipped + up.removed >= up.total;
  if (rule == TriggerRule::kNoneFailed) return RunIf(all_fine);
  if (up.skipped == up.total) return Verdict::kSkip;  // none_failed_min_one_success
  return RunIf(all_fine && up.success > 0);
}

// Rules that wait for the first upstream of a kind, and are off once all ended otherwise.
Verdict AfterFirst(TriggerRule rule, const UpstreamCounts& up) {
  const bool done = up.done() >= up.total;
  switch (rule) {
    case TriggerRule::kOneSuccess:
      if (up.success > 0) return Verdict::kRun;
      if (!done) return Verdict::kWait;
      return up.skipped == up.total ? Verdict::kSkip : Verdict::kUpstreamFailed;
    case TriggerRule::kOneFailed:
      if (up.failed + up.upstream_failed > 0) return Verdict::kRun;
      return done ? Verdict::kSkip : Verdict::kWait;
    default:  // one_done
      if (up.success + up.failed > 0) return Verdict::kRun;
      return done ? Verdict::kSkip : Verdict::kWait;
  }
}

}  // namespace

void UpstreamCounts::Add(TaskState state, int by) {
  uint32_t* count = nullptr;
  switch (state) {
    case TaskState::kSuccess:
      count = &success;
      break;
    case TaskState::kFailed:
      count = &failed;
      break;
    case TaskState::kSkipped:
      count = &skipped;
      break;
    case TaskState::kUpstreamFailed:
      count = &upstream_failed;
      break;
    case TaskState::kRemoved:
      count = &removed;
      break;
    default:
      return;
  }
  *count = static_cast<uint32_t>(static_cast<int64_t>(*count) + by);
}

Verdict Evaluate(TriggerRule rule, const UpstreamCounts& up) {
  if (up.total == 0) return Verdict::kRun;
  switch (rule) {
    case TriggerRule::kAllSuccess:
    case TriggerRule::kNoneFailed:
    case TriggerRule::kNoneFailedMinOneSuccess:
      return AfterFailures(rule, up);
    case TriggerRule::kOneSuccess:
    case TriggerRule::kOneFailed:
    case TriggerRule::kOneDone:
      return AfterFirst(rule, up);
    case TriggerRule::kAllFailed:
      if (up.success + up.skipped > 0) return Verdict::kSkip;
      return RunIf(up.failed + up.upstream_failed >= up.total);
    case TriggerRule::kAllDone:
      return RunIf(up.done() >= up.total);
    case TriggerRule::kAllSkipped:
      if (up.success + up.failed + up.upstream_failed > 0) return Verdict::kSkip;
      return RunIf(up.skipped >= up.total);
    case TriggerRule::kNoneSkipped:
      if (up.skipped > 0) return Verdict::kSkip;
      return RunIf(up.done() >= up.total);
    case TriggerRule::kAllDoneSetupSuccess:  // without its setups, which only the run knows
      return RunIf(up.done() >= up.total);
    case TriggerRule::kAlways:
      return Verdict::kRun;
  }
  return Verdict::kWait;
}

}  // namespace beeflow
