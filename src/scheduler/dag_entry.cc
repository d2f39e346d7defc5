#include "scheduler/dag_entry.h"

#include <algorithm>

namespace beeflow {

int DagEntry::max_active_runs() const {
  const int own = dag->max_active_runs;
  const auto limit = timetable.active_runs_limit();
  if (!limit) return own;
  return own == 0 ? *limit : std::min(own, *limit);
}

bool DagEntry::has_room() const {
  const int max = max_active_runs();
  const auto group = groups.find(0);
  if (max == 0 || group == groups.end()) return true;
  return group->second.running + static_cast<int>(group->second.queued.size()) < max;
}

void DagEntry::Count(const RunRecord& run) {
  if (IsFinished(run.state)) return;
  RunGroup& group = groups[run.backfill_id];
  if (run.state == RunState::kRunning) {
    ++group.running;
  } else {
    group.queued.emplace(run.backfill_ordinal, run.logical_date, run.key.run_id);
  }
  if (record.backfill && record.backfill->id == run.backfill_id) backfill_ends = false;
}

void DagEntry::Discount(const RunRecord& run) {
  const auto it = groups.find(run.backfill_id);
  if (IsFinished(run.state) || it == groups.end()) return;
  RunGroup& group = it->second;
  if (run.state == RunState::kRunning) {
    --group.running;
  } else {
    group.queued.erase({run.backfill_ordinal, run.logical_date, run.key.run_id});
  }
  if (group.running == 0 && group.queued.empty()) groups.erase(it);
}

std::optional<NextRun> DagEntry::NextScheduled(Time now) const {
  if (!dag) return std::nullopt;
  const Restriction restriction = RestrictionOf(*dag);
  if (timetable.kind() == ScheduleKind::kCustom) return custom.next;
  if (!restriction.earliest) return std::nullopt;
  auto next = timetable.Next(last_automated_interval, restriction, now);
  // Airflow's scheduler looks once a second. Without a pause, runs that take no time would follow
  // each other at once and for ever.
  if (next && last_automated_interval && timetable.kind() == ScheduleKind::kContinuous) {
    next->run_after =
        std::max<Time>(next->run_after, last_automated_interval->end + std::chrono::seconds(1));
  }
  return next;
}

Restriction RestrictionOf(const Dag& dag) {
  Restriction out;
  out.earliest = dag.start_date;
  out.catchup = dag.catchup;
  std::optional<Time> latest_task;
  size_t tasks_with_end = 0;
  for (const Task& task : dag.tasks) {
    if (task.start_date) {
      out.earliest = std::min(*task.start_date, out.earliest.value_or(*task.start_date));
    }
    if (!task.end_date) continue;
    ++tasks_with_end;
    latest_task = std::max(*task.end_date, latest_task.value_or(*task.end_date));
  }
  out.latest = dag.end_date;
  // Only where every task ends is there a moment after which no task would run.
  if (tasks_with_end == dag.tasks.size() && latest_task) {
    out.latest = std::max(*latest_task, dag.end_date.value_or(*latest_task));
  }
  return out;
}

std::string MakeRunId(RunType type, Time logical_date) {
  return std::string(ToString(type)) + "__" + FormatIso(logical_date);
}

}  // namespace beeflow
