#include "ports/manual_run.h"

#include <algorithm>

#include "timetable/timetable.h"

namespace beeflow {
namespace {

bool AllowedInRunId(char c) {
  constexpr std::string_view kMarks = "_.~:+-";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

}  // namespace

Status CheckManualRunId(const std::string& run_id) {
  constexpr size_t kLongest = 250;
  if (run_id.empty() || run_id.size() > kLongest ||
      !std::all_of(run_id.begin(), run_id.end(), AllowedInRunId)) {
    return Invalid("run id '" + run_id.substr(0, kLongest) +
                   "' is not valid; use letters, digits and _.~:+- , at most 250 characters");
  }
  for (const RunType type : {RunType::kScheduled, RunType::kBackfill, RunType::kDatasetTriggered}) {
    const std::string prefix = std::string(ToString(type)) + "__";
    if (run_id.rfind(prefix, 0) == 0) {
      return Invalid("run id '" + run_id + "' begins with '" + prefix +
                     "', which is kept for runs of that type; choose another");
    }
  }
  return Ok();
}

Result<RunRecord> NewManualRun(const Dag& dag, const ManualRun& request, Time now) {
  RunRecord run;
  run.logical_date = request.logical_date.value_or(now);
  run.key = {dag.id, request.run_id.value_or("manual__" + FormatIso(run.logical_date))};
  BEEFLOW_RETURN_IF_ERROR(CheckManualRunId(run.key.run_id));
  run.interval = request.interval;
  if (!run.interval) {
    auto timetable = Timetable::FromJson(dag.schedule);
    if (!timetable.ok()) return Invalid("DAG '" + dag.id + "': " + timetable.error().message);
    run.interval = timetable->InferManualInterval(run.logical_date);
  }
  run.type = RunType::kManual;
  run.external_trigger = true;
  run.queued_at = now;
  run.conf = request.conf;
  return run;
}

}  // namespace beeflow
