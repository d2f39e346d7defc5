#include "sim/naive_scheduler.h"

#include <algorithm>

namespace beeflow::naive {
namespace {

bool IsFailure(TaskState state) {
  return state == TaskState::kFailed || state == TaskState::kUpstreamFailed;
}
bool IsFine(TaskState state) {
  return state == TaskState::kSuccess || state == TaskState::kSkipped;
}

std::vector<TaskState> StatesOf(const Dag& dag, const std::vector<TaskIndex>& tasks,
                                const RunRows& run) {
  std::vector<TaskState> out;
  for (const TaskIndex index : tasks) {
    const auto row = run.tasks.find(dag.tasks[index].id);
    if (row != run.tasks.end()) out.push_back(row->second.state);
  }
  return out;
}

}  // namespace

Allowed ByTriggerRule(TriggerRule rule, const std::vector<TaskState>& upstream) {
  const auto any = [&](auto... states) {
    return std::any_of(upstream.begin(), upstream.end(),
                       [&](TaskState state) { return ((state == states) || ...); });
  };
  const auto all = [&](auto... states) {
    return std::all_of(upstream.begin(), upstream.end(),
                       [&](TaskState state) { return ((state == states) || ...); });
  };
  using enum TaskState;
  const bool failures = any(kFailed, kUpstreamFailed);
  const bool done = std::all_of(upstream.begin(), upstream.end(),
                                [](TaskState state) { return IsFinished(state); });
  Allowed out;
  if (upstream.empty()) {
    out.run = true;
    return out;
  }
  switch (rule) {
    case TriggerRule::kAllSuccess:  // all upstream tasks have succeeded
      out.run = all(kSuccess, kRemoved);
      out.upstream_failed = failures;
      out.skip = any(kSkipped);
      break;
    case TriggerRule::kAllFailed:  // all are failed or upstream_failed
      out.run = all(kFailed, kUpstreamFailed);
      out.skip = any(kSuccess, kSkipped);
      break;
    case TriggerRule::kAllDone:
    case TriggerRule::kAllDoneSetupSuccess:  // the generator makes no setups
      out.run = done;
      break;
    case TriggerRule::kAllSkipped:
      out.run = all(kSkipped);
      out.skip = any(kSuccess, kFailed, kUpstreamFailed);
      break;
    case TriggerRule::kOneFailed:  // at least one has failed; does not wait for the others
      out.run = failures;
      out.skip = done && !failures;
      break;
    case TriggerRule::kOneSuccess:
      out.run = any(kSuccess);
      out.skip = all(kSkipped);
      out.upstream_failed = done && !out.run && !out.skip;
      break;
    case TriggerRule::kOneDone:  // at least one has succeeded or failed
      out.run = any(kSuccess, kFailed);
      out.skip = done && !out.run;
      break;
    case TriggerRule::kNoneFailed:  // all have succeeded or been skipped
      out.run = all(kSuccess, kSkipped, kRemoved);
      out.upstream_failed = failures;
      break;
    case TriggerRule::kNoneFailedMinOneSuccess:
      out.run = all(kSuccess, kSkipped, kRemoved) && any(kSuccess);
      out.skip = all(kSkipped);
      out.upstream_failed = failures;
      break;
    case TriggerRule::kNoneSkipped:  // all are in success, failed or upstream_failed
      out.run = done && !any(kSkipped);
      out.skip = any(kSkipped);
      break;
    case TriggerRule::kAlways:
      out.run = true;
      break;
  }
  return out;
}

// A task that takes no part in the run is waited for like one that has not started.
Allowed ByUpstream(const Dag& dag, const Task& task, const RunRows& run) {
  std::vector<TaskState> upstream = StatesOf(dag, task.upstream, run);
  upstream.resize(task.upstream.size(), TaskState::kNone);
  return ByTriggerRule(task.trigger_rule, upstream);
}

bool IsOver(const Task& task, const RunRows& run) {
  return task.end_date && run.record.logical_date > *task.end_date;
}

bool TakesPart(const Task& task, const RunRows& run) {
  if (run.record.type == RunType::kBackfill) return true;
  return (!task.start_date || *task.start_date <= run.record.logical_date) && !IsOver(task, run);
}

bool IsLate(const Task& task, const RunRows& run, Time now) {
  const RunRecord& record = run.record;
  if (!task.sla || record.type != RunType::kScheduled || !TakesPart(task, run)) return false;
  if (record.interval->end + *task.sla > now) return false;
  const auto row = run.tasks.find(task.id);
  return row == run.tasks.end() || !IsFine(row->second.state);
}

// With catchup the run before is the one before by the schedule, else the one before by date.
bool PastAllows(const Dag& dag, const Task& task, const RunRows& run, const DagRuns& runs) {
  if (!task.depends_on_past && !task.wait_for_downstream) return true;
  const RunRows* previous = nullptr;
  for (const auto& [run_id, other] : runs) {
    if (other.record.logical_date >= run.record.logical_date) continue;
    if (dag.catchup && other.record.type == RunType::kManual) continue;
    if (!previous || other.record.logical_date > previous->record.logical_date) previous = &other;
  }
  if (!previous) return true;
  const auto row = previous->tasks.find(task.id);
  if (row == previous->tasks.end()) {
    if (task.start_date && *task.start_date > previous->record.logical_date) return true;
    return task.ignore_first_depends_on_past && IsFinished(previous->record.state);
  }
  if (!IsFine(row->second.state)) return false;
  if (!task.wait_for_downstream) return true;
  const auto downstream = StatesOf(dag, task.downstream, *previous);
  return std::all_of(downstream.begin(), downstream.end(), IsFine);
}

Duration LeastRetryDelay(const Task& task, int try_number) {
  Duration delay = task.retry_delay;
  if (!task.retry_exponential_backoff) return delay;
  for (int i = 1; i < try_number; ++i) delay *= 2;
  delay = std::min<Duration>(delay, std::chrono::hours(24));
  return task.max_retry_delay ? std::min(delay, *task.max_retry_delay) : delay;
}

RunState EndState(const Dag& dag, const RunRows& run) {
  for (const Task& task : dag.tasks) {
    const auto row = run.tasks.find(task.id);
    if (row == run.tasks.end() || !task.downstream.empty()) continue;
    if (IsFailure(row->second.state)) return RunState::kFailed;
  }
  return RunState::kSuccess;
}

}  // namespace beeflow::naive
