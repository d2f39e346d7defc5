#include "ports/backfill.h"

#include <algorithm>

#include "ports/manual_run.h"
#include "timetable/timetable.h"

namespace beeflow {
namespace {

constexpr size_t kMostRuns = 10'000;

std::string Between(Time from, Time to) { return FormatIso(from) + " to " + FormatIso(to); }

Status CheckOrder(const Dag& dag, const BackfillOrder& order, Time now) {
  if (order.max_active_runs < 1) return Invalid("max_active_runs must be at least 1");
  if (order.from > now) {
    return Invalid("backfill cannot be executed for future dates (" +
                   Between(order.from, order.to) + ")");
  }
  if (!dag.uses_past) return CheckConf(dag, order.conf.value_or("{}"));
  if (order.backwards) {
    return Invalid("DAG '" + dag.id + "' has tasks that depend on their past (depends_on_past); " +
                   "it cannot be filled backwards");
  }
  if (order.reprocess == Reprocess::kNone) {
    return Invalid("DAG '" + dag.id + "' has tasks that depend on their past (depends_on_past); " +
                   "set the reprocess behavior to failed or completed");
  }
  return CheckConf(dag, order.conf.value_or("{}"));
}

}  // namespace

std::string_view ToString(Reprocess reprocess) {
  switch (reprocess) {
    case Reprocess::kNone:
      return "none";
    case Reprocess::kFailed:
      return "failed";
    case Reprocess::kCompleted:
      return "completed";
  }
  return "";
}

std::optional<Reprocess> ParseReprocess(std::string_view name) {
  for (const auto reprocess : {Reprocess::kNone, Reprocess::kFailed, Reprocess::kCompleted}) {
    if (name == ToString(reprocess)) return reprocess;
  }
  return std::nullopt;
}

std::string_view WhyKept(RunState state, Reprocess reprocess) {
  if (!IsFinished(state)) return "in flight";
  const bool again = reprocess == Reprocess::kCompleted ||
                     (reprocess == Reprocess::kFailed && state == RunState::kFailed);
  return again ? "" : "already exists";
}

Result<std::vector<NextRun>> IntervalsBetween(const Dag& dag, Time from, Time to, Time now) {
  if (to < from) return Invalid("the last date lies before the first (" + Between(from, to) + ")");
  auto timetable = Timetable::FromJson(dag.schedule);
  if (!timetable.ok()) return Invalid("DAG '" + dag.id + "': " + timetable.error().message);
  if (timetable->kind() == ScheduleKind::kCustom) {
    return Invalid("DAG '" + dag.id + "' has a timetable of its own (" + timetable->Summary() +
                   "), whose dates backfill cannot ask for; trigger each run with 'beeflow dags "
                   "trigger " +
                   dag.id + " --exec-date DATE'");
  }
  if (timetable->kind() != ScheduleKind::kCron && timetable->kind() != ScheduleKind::kDelta) {
    return Invalid("DAG '" + dag.id + "' has the schedule " + timetable->Summary() +
                   ", which has no intervals to fill; trigger it with 'beeflow dags trigger " +
                   dag.id + " --exec-date DATE'");
  }
  std::vector<NextRun> intervals;
  std::optional<DataInterval> last;
  const Restriction restriction{from, to, true};
  while (const auto next = timetable->Next(last, restriction, now)) {
    if (next->logical_date > to) break;
    if (intervals.size() == kMostRuns) {
      return Invalid("DAG '" + dag.id + "' has more than " + std::to_string(kMostRuns) +
                     " intervals from " + Between(from, to) + "; fill a shorter span at a time");
    }
    intervals.push_back(*next);
    last = next->interval;
  }
  if (intervals.empty()) {
    return Invalid("DAG '" + dag.id + "' (schedule " + timetable->Summary() +
                   ") has no interval from " + Between(from, to) + "; widen the dates");
  }
  return intervals;
}

RunRecord BackfillRun(const Dag& dag, const NextRun& interval, const std::string& conf, Time now) {
  RunRecord run;
  run.key = {dag.id, "backfill__" + FormatIso(interval.logical_date)};
  run.type = RunType::kBackfill;
  run.logical_date = interval.logical_date;
  run.interval = interval.interval;
  run.queued_at = now;
  run.conf = conf;
  return run;
}

Result<std::vector<NextRun>> PlanBackfill(const Dag& dag, const BackfillOrder& order, Time now) {
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<NextRun> intervals,
                           IntervalsBetween(dag, order.from, order.to, now));
  BEEFLOW_RETURN_IF_ERROR(CheckOrder(dag, order, now));
  std::erase_if(intervals, [&](const NextRun& next) { return next.interval.end >= now; });
  if (intervals.empty()) {
    return Invalid("DAG '" + dag.id + "' has no interval from " + Between(order.from, order.to) +
                   " that has ended");
  }
  if (order.backwards) std::reverse(intervals.begin(), intervals.end());
  return intervals;
}

}  // namespace beeflow
