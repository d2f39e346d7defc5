#include "cli/backfill_plan.h"

#include "timetable/timetable.h"

namespace beeflow {
namespace {

constexpr size_t kMostRuns = 10'000;

RunRecord BackfillRun(const Dag& dag, const NextRun& next, const std::string& conf, Time now) {
  RunRecord run;
  run.key = {dag.id, "backfill__" + FormatIso(next.logical_date)};
  run.type = RunType::kBackfill;
  run.logical_date = next.logical_date;
  run.interval = next.interval;
  run.queued_at = now;
  run.conf = conf;
  return run;
}

}  // namespace

Result<std::vector<RunRecord>> PlanBackfill(const Dag& dag, Time start, Time end,
                                            const std::string& conf, Time now) {
  const std::string between = FormatIso(start) + " to " + FormatIso(end);
  if (end < start) return Invalid("--end-date lies before --start-date (" + between + ")");
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
  std::vector<RunRecord> runs;
  std::optional<DataInterval> last;
  const Restriction restriction{start, end, true};
  while (const auto next = timetable->Next(last, restriction, now)) {
    if (next->logical_date > end) break;
    if (runs.size() == kMostRuns) {
      return Invalid("DAG '" + dag.id + "' has more than " + std::to_string(kMostRuns) +
                     " intervals from " + between + "; fill a shorter span at a time");
    }
    runs.push_back(BackfillRun(dag, *next, conf, now));
    last = next->interval;
  }
  if (runs.empty()) {
    return Invalid("DAG '" + dag.id + "' (schedule " + timetable->Summary() +
                   ") has no interval from " + between + "; widen the dates");
  }
  return runs;
}

}  // namespace beeflow
