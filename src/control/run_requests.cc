// trigger_dag, run_get, run_previous, run_count
#include <algorithm>
#include <utility>

#include "control/request_handlers.h"
#include "ports/manual_run.h"

namespace beeflow {
namespace {

constexpr size_t kListMax = 10'000;  // of ids or dates in one request

Json RunJson(const RunRecord& run) {
  auto conf = ParseJson(run.conf);
  const auto start = run.interval ? std::optional<Time>(run.interval->start) : std::nullopt;
  const auto end = run.interval ? std::optional<Time>(run.interval->end) : std::nullopt;
  return {{"dag_id", run.key.dag_id},
          {"run_id", run.key.run_id},
          {"state", ToString(run.state)},
          {"run_type", ToString(run.type)},
          {"logical_date", FormatIso(run.logical_date)},
          {"data_interval_start", TimeJson(start)},
          {"data_interval_end", TimeJson(end)},
          {"start_date", TimeJson(run.start_date)},
          {"end_date", TimeJson(run.end_date)},
          {"external_trigger", run.external_trigger},
          {"conf", conf.ok() ? std::move(*conf) : Json::object()}};
}

Json RunOrNull(const std::optional<RunRecord>& run) { return run ? RunJson(*run) : Json(); }

Result<std::optional<RunRecord>> FindRun(Catalog* catalog, const RunKey& key) {
  auto run = catalog->Run(key);
  if (run.ok()) return std::optional<RunRecord>(std::move(*run));
  if (run.error().code == ErrorCode::kNotFound) return std::optional<RunRecord>();
  return run.error();
}

// The run that has the id or the logical date already.
Result<std::optional<RunRecord>> FindExisting(RequestStore* store, const RunRecord& wanted) {
  BEEFLOW_ASSIGN_OR_RETURN(auto by_id, FindRun(&store->catalog(), wanted.key));
  if (by_id) return by_id;
  return store->RunAt(wanted.key.dag_id, wanted.logical_date);
}

// As Airflow: all tasks of the run start again, with the conf that it has.
Result<Json> Reset(RequestStore* store, const RunRecord& run) {
  ClearSelection all;
  all.dag_id = run.key.dag_id;
  all.runs = {run.key.run_id};
  BEEFLOW_RETURN_IF_ERROR(store->catalog().Clear(all));
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord now, store->catalog().Run(run.key));
  return RunJson(now);
}

Result<std::shared_ptr<const Dag>> FindActiveDag(Catalog* catalog, const std::string& dag_id) {
  const auto info = catalog->Dag(dag_id);
  if (!info.ok() && info.error().code != ErrorCode::kNotFound) return info.error();
  if (!info.ok()) return NotFound("not found: there is no DAG " + dag_id);
  if (!info->record.is_active) {
    return NotFound("not found: DAG " + dag_id + " is no longer defined by " + info->record.file);
  }
  return catalog->Model(dag_id);
}

std::vector<Time> ReadTimes(JsonReader* in, const char* key) {
  std::vector<Time> times;
  for (const std::string& text : in->Strings(key)) {
    const auto time = ParseTime(text);
    if (!time.ok()) {
      in->Fail(std::string(key) + ": " + time.error().message);
      break;
    }
    times.push_back(*time);
  }
  return times;
}

// The run that a trigger_dag asks for, which lacks the data interval where only the author's
// timetable knows it.
Result<RunRecord> ReadWanted(const RequestContext& context, JsonReader* in) {
  const std::string dag_id = RequiredText(in, "dag_id");
  ManualRun request;
  request.run_id = in->OptionalString("run_id");
  request.logical_date = in->OptionalTime("logical_date");
  if (const Json& conf = in->Raw("conf"); !conf.is_null()) request.conf = DumpJson(conf);
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, FindActiveDag(&context.store->catalog(), dag_id));
  return NewManualRun(*dag, request, context.now);
}

}  // namespace

Json TimeJson(const std::optional<Time>& time) { return time ? Json(FormatIso(*time)) : Json(); }

RunChoice ReadRunChoice(JsonReader* in) {
  RunChoice runs;
  runs.dag_id = RequiredText(in, "dag_id");
  if (!in->Raw("logical_dates").is_null()) runs.logical_dates = ReadTimes(in, "logical_dates");
  if (!in->Raw("run_ids").is_null()) runs.run_ids = in->Strings("run_ids");
  if (const auto run_id = in->OptionalString("run_id")) runs.run_ids = {*run_id};
  if (!in->Raw("states").is_null()) {
    runs.states.emplace();
    for (const std::string& word : in->Strings("states")) {
      if (const auto state = ParseRunState(word)) runs.states->push_back(*state);
    }
  }
  const size_t longest = std::max(runs.logical_dates ? runs.logical_dates->size() : 0,
                                  runs.run_ids ? runs.run_ids->size() : 0);
  if (longest > kListMax) {
    in->Fail("at most " + std::to_string(kListMax) + " runs can be asked for at once");
  }
  return runs;
}

Result<std::optional<ManualIntervalQuestion>> FindTriggerQuestion(const RequestContext& context,
                                                                  JsonReader* in) {
  const auto wanted = ReadWanted(context, in);
  // What is wrong is told when the request is answered.
  if (!wanted.ok() || wanted->interval) return std::optional<ManualIntervalQuestion>();
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, context.store->catalog().Dag(wanted->key.dag_id));
  return std::optional(ManualIntervalQuestion{dag.record.dag_id, dag.record.file,
                                              dag.record.dag_hash, wanted->logical_date});
}

Result<Json> TriggerDag(const RequestContext& context, JsonReader* in) {
  BEEFLOW_ASSIGN_OR_RETURN(RunRecord wanted, ReadWanted(context, in));
  if (!wanted.interval) wanted.interval = context.manual_interval;
  const bool reset = in->Boolean("reset", false);
  BEEFLOW_RETURN_IF_ERROR(in->status());

  RequestStore* const store = context.store;
  const auto created = store->catalog().CreateRun(wanted);
  if (created.ok()) return RunJson(*created);
  if (created.error().code != ErrorCode::kConflict) return created.error();
  BEEFLOW_ASSIGN_OR_RETURN(const auto existing, FindExisting(store, wanted));
  if (reset && existing) return Reset(store, *existing);
  return Conflict("exists: " + created.error().message);
}

Result<Json> GetRun(const RequestContext& context, JsonReader* in) {
  const std::string dag_id = RequiredText(in, "dag_id");
  const auto run_id = in->OptionalString("run_id");
  const auto date = in->OptionalTime("logical_date");
  if (!run_id && !date) in->Fail("one of run_id and logical_date must be given");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const auto run,
                           run_id ? FindRun(&context.store->catalog(), {dag_id, *run_id})
                                  : context.store->RunAt(dag_id, *date));
  return RunOrNull(run);
}

Result<Json> GetPreviousRun(const RequestContext& context, JsonReader* in) {
  const std::string dag_id = RequiredText(in, "dag_id");
  const auto date = in->OptionalTime("logical_date");
  if (!date) in->Fail("logical_date is missing");
  const auto word = in->OptionalString("state");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  const auto state = word ? ParseRunState(*word) : std::nullopt;
  if (word && !state) return Json();  // a state that no run is ever in
  BEEFLOW_ASSIGN_OR_RETURN(const auto run, context.store->RunBefore(dag_id, *date, state));
  return RunOrNull(run);
}

Result<Json> CountRuns(const RequestContext& context, JsonReader* in) {
  const RunChoice runs = ReadRunChoice(in);
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t count, context.store->CountRuns(runs));
  return Json(count);
}

}  // namespace beeflow
