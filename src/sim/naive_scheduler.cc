#include "sim/naive_scheduler.h"

#include <algorithm>

#include "dag/mapping.h"

namespace beeflow::naive {
namespace {

bool IsFailure(TaskState state) {
  return state == TaskState::kFailed || state == TaskState::kUpstreamFailed;
}
bool IsFine(TaskState state) {
  return state == TaskState::kSuccess || state == TaskState::kSkipped;
}

bool IsExpanded(const Task& task, const RunRows& run) {
  const std::vector<const TaskRecord*> rows = RowsOf(task, run);
  return !rows.empty() && rows.front()->map_index >= 0;
}

bool SameGroup(const Task& a, const Task& b) {
  return a.mapping && b.mapping && a.mapping->group && a.mapping->group == b.mapping->group;
}

// A task without a row, or without the instance that counts, is waited for.
std::vector<TaskState> StatesUpstream(const Dag& dag, const Task& task, const RunRows& run,
                                      int map_index) {
  std::vector<TaskState> out;
  for (const TaskIndex index : task.upstream) {
    const Task& up = dag.tasks[index];
    if (map_index >= 0 && SameGroup(up, task) && IsExpanded(up, run)) {
      const auto row = run.tasks.find({up.id, map_index});
      out.push_back(row == run.tasks.end() ? TaskState::kNone : row->second.state);
      continue;
    }
    const std::vector<const TaskRecord*> rows = RowsOf(up, run);
    for (const TaskRecord* row : rows) out.push_back(row->state);
    if (rows.empty()) out.push_back(TaskState::kNone);
  }
  return out;
}

// All instances that count succeeded or were skipped.
bool EndedWell(const Task& task, const RunRows& run) {
  const std::vector<const TaskRecord*> rows = RowsOf(task, run);
  return std::all_of(rows.begin(), rows.end(), [](const TaskRecord* row) {
    return IsFine(row->state) || (row->state == TaskState::kRemoved && row->map_index >= 0);
  });
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

std::vector<const TaskRecord*> RowsOf(const Task& task, const RunRows& run) {
  std::vector<const TaskRecord*> out;
  for (auto row = run.tasks.lower_bound({task.id, 0});
       task.mapping && row != run.tasks.end() && row->first.first == task.id; ++row) {
    out.push_back(&row->second);
  }
  const auto whole = run.tasks.find({task.id, -1});
  if (out.empty() && whole != run.tasks.end()) out.push_back(&whole->second);
  return out;
}

Allowed ByUpstream(const Dag& dag, const Task& task, const RunRows& run, int map_index) {
  return ByTriggerRule(task.trigger_rule, StatesUpstream(dag, task, run, map_index));
}

std::optional<int64_t> LengthOf(const Dag& dag, const Task& task, const RunRows& run) {
  return InstanceCount(*task.mapping, [&](TaskIndex index) -> std::optional<int64_t> {
    const Task& source = dag.tasks[index];
    if (IsExpanded(source, run)) {
      return std::count_if(run.returned.begin(), run.returned.end(), [&](const TaskKey& key) {
        return key.first == source.id && key.second >= 0;
      });
    }
    const auto length = run.lengths.find(source.id);
    return length == run.lengths.end() ? std::nullopt : std::optional<int64_t>(length->second);
  });
}

// https://airflow.apache.org/docs/apache-airflow/2.9.3/authoring-and-scheduling/dynamic-task-mapping.html
Allowed ByMapping(const Dag& dag, const Task& task, const RunRows& run) {
  Allowed out;
  if (!task.mapping->group) {
    out = ByUpstream(dag, task, run, -1);
    if (!out.run) return out;
  }
  out.run = false;
  bool skip = false, failed = false;
  for (const TaskIndex index : task.mapping->sources) {
    const Task& source = dag.tasks[index];
    const std::vector<const TaskRecord*> rows = RowsOf(source, run);
    const bool done = !rows.empty() && std::all_of(rows.begin(), rows.end(), [](const auto* row) {
      return IsFinished(row->state);
    });
    if (!done) return out;
    if (IsExpanded(source, run)) continue;
    skip = skip || rows.front()->state == TaskState::kSkipped;
    failed = failed || (rows.front()->state != TaskState::kSkipped &&
                        rows.front()->state != TaskState::kSuccess);
  }
  const auto length = LengthOf(dag, task, run);
  out.skip = out.skip || skip || (!failed && length == 0);
  out.upstream_failed = out.upstream_failed || (!skip && (failed || !length));
  out.run = !skip && !failed && length.value_or(0) > 0;
  return out;
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
  return RowsOf(task, run).empty() || !EndedWell(task, run);
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
  if (RowsOf(task, *previous).empty()) {
    if (task.start_date && *task.start_date > previous->record.logical_date) return true;
    return task.ignore_first_depends_on_past && IsFinished(previous->record.state);
  }
  if (!EndedWell(task, *previous)) return false;
  if (!task.wait_for_downstream) return true;
  return std::all_of(task.downstream.begin(), task.downstream.end(),
                     [&](TaskIndex index) { return EndedWell(dag.tasks[index], *previous); });
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
    if (!task.downstream.empty()) continue;
    for (const TaskRecord* row : RowsOf(task, run)) {
      if (IsFailure(row->state)) return RunState::kFailed;
    }
  }
  return RunState::kSuccess;
}

}  // namespace beeflow::naive
