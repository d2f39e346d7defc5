#include "ports/manual_run.h"

#include <algorithm>

#include "dag/json_schema.h"
#include "timetable/timetable.h"

namespace beeflow {
namespace {

bool AllowedInRunId(char c) {
  constexpr std::string_view kMarks = "_.~:+-";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

// A default that JSON lacks, such as a date; the parser has checked it.
bool IsEncoded(const Json& value) { return value.is_object() && value.contains("__type"); }

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

Status CheckConf(const Dag& dag, const std::string& conf) {
  const auto given = ParseJson(conf.empty() ? "{}" : conf);
  if (!given.ok()) return Invalid("conf of DAG '" + dag.id + "': " + given.error().message);
  for (const auto& [name, schema] : dag.params_schema.items()) {
    const bool overridden = given->is_object() && given->contains(name);
    const std::string where = "DAG '" + dag.id + "': Invalid input for param '" + name + "': ";
    if (!overridden && !dag.params.contains(name)) {
      return Invalid(where + "it has no default, and conf gives no value for it");
    }
    const Json& value = overridden ? (*given)[name] : dag.params[name];
    if (IsEncoded(value)) continue;
    if (const auto mismatch = FindMismatch(value, schema)) {
      return Invalid(where + *mismatch +
                     (overridden ? "" : "; that is its default: give another value in conf"));
    }
  }
  return Ok();
}

std::string ManualRunId(Time logical_date) { return "manual__" + FormatIso(logical_date); }

Result<RunRecord> NewManualRun(const Dag& dag, const ManualRun& request, Time now) {
  RunRecord run;
  run.logical_date = request.logical_date.value_or(now);
  run.key = {dag.id, request.run_id.value_or(ManualRunId(run.logical_date))};
  BEEFLOW_RETURN_IF_ERROR(CheckManualRunId(run.key.run_id));
  run.interval = request.interval;
  if (!run.interval) {
    auto timetable = Timetable::FromJson(dag.schedule);
    if (!timetable.ok()) return Invalid("DAG '" + dag.id + "': " + timetable.error().message);
    if (timetable->kind() != ScheduleKind::kCustom) {
      run.interval = timetable->InferManualInterval(run.logical_date);
    }
  }
  run.type = RunType::kManual;
  run.external_trigger = true;
  run.queued_at = now;
  BEEFLOW_RETURN_IF_ERROR(CheckConf(dag, request.conf));
  run.conf = request.conf;
  return run;
}

}  // namespace beeflow
