// dags test, dags backfill: the commands that carry out whole runs.
#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/commands.h"
#include "cli/live_run.h"
#include "cli/run_progress.h"
#include "ports/backfill.h"
#include "ports/manual_run.h"

namespace beeflow {
namespace {

struct TestOptions {
  std::string dag_id, date, conf;
};

// As in Airflow, an earlier run of the same logical date makes place.
Status DeleteRunOf(Catalog* catalog, const std::string& dag_id, Time logical_date) {
  RunFilter filter;
  filter.dag_id = dag_id;
  filter.logical_date_from = filter.logical_date_to = logical_date;
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<RunRecord> runs, catalog->Runs(filter));
  for (const RunRecord& run : runs) {
    if (!IsFinished(run.state)) {
      return Conflict("run " + run.key.run_id + " of DAG '" + dag_id + "' is " +
                      std::string(ToString(run.state)) +
                      "; wait for its end, or test another logical date");
    }
    BEEFLOW_RETURN_IF_ERROR(catalog->DeleteRun(run.key));
  }
  return Ok();
}

// Which file may be the one that should define the DAG.
std::string TellUnimported(const std::vector<ImportErrorInfo>& errors, const std::string& dag_id) {
  const auto is_named_so = [&](const ImportErrorInfo& error) {
    return std::filesystem::path(error.file).stem() == dag_id;
  };
  const auto named_so = std::find_if(errors.begin(), errors.end(), is_named_so);
  std::string text = std::to_string(errors.size()) + " files";
  if (named_so != errors.end()) text = named_so->file;
  if (errors.size() == 1) text = errors.front().file;
  return text + " cannot be imported, see 'beeflow dags list-import-errors'";
}

// The DAG that is to be tested, as its file is now.
Result<DagInfo> FindTestable(Catalog* catalog, const std::string& dag_id) {
  auto dag = FindDag(catalog, dag_id);
  BEEFLOW_ASSIGN_OR_RETURN(const auto errors, catalog->ImportErrors());
  if (!dag.ok() && errors.empty()) return dag;
  if (!dag.ok()) {
    return NotFound(dag.error().message + "; " + TellUnimported(errors, dag_id));
  }
  for (const ImportErrorInfo& error : errors) {
    if (error.file != dag->record.file) continue;
    return Invalid("DAG '" + dag_id + "' cannot be tested, as " + error.file +
                   " cannot be imported:\n" + error.stacktrace);
  }
  if (dag->record.is_active) return dag;
  return NotFound("DAG '" + dag_id + "' is defined by no file; " + dag->record.file +
                  " no longer does");
}

Status BeginTest(Session& session, const ManualRun& request, const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, FindTestable(catalog, dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord wanted, MakeManualRun(session, dag, request));
  BEEFLOW_RETURN_IF_ERROR(DeleteRunOf(catalog, dag_id, wanted.logical_date));
  BEEFLOW_RETURN_IF_ERROR(catalog->CreateRun(wanted));
  return Ok();
}

Status TestDag(Session& session, const TestOptions& options) {
  ManualRun request;
  BEEFLOW_ASSIGN_OR_RETURN(request.logical_date, ParseOptionalDate("execution_date", options.date));
  BEEFLOW_ASSIGN_OR_RETURN(request.conf, ParseConf("--conf", options.conf));
  if (!request.logical_date) request.logical_date = session.Now();
  LiveRun run;
  run.key = {options.dag_id, ManualRunId(*request.logical_date)};
  run.begin = [&] { return BeginTest(session, request, options.dag_id); };
  return CarryOutLive(session, run);
}

struct BackfillOptions {
  std::string dag_id, start, end, conf;
  bool reset = false;
  bool rerun_failed = false;
  bool backwards = false;
  bool dry_run = false;
  bool yes = false;
};

// A run that the backfill wants, and the run that is there already for its logical date.
struct BackfillStep {
  RunRecord wanted;
  std::optional<RunRecord> existing;
};

// Runs that are there are taken as they are unless they are to be cleared.
Result<std::vector<BackfillStep>> CompareWithExisting(Catalog* catalog,
                                                      const std::vector<RunRecord>& planned) {
  RunFilter filter;
  filter.dag_id = planned.front().key.dag_id;
  filter.logical_date_from = planned.front().logical_date;
  filter.logical_date_to = planned.back().logical_date;
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<RunRecord> existing, AllRuns(catalog, filter));
  std::map<Time, RunRecord> by_date;
  for (const RunRecord& run : existing) by_date.emplace(run.logical_date, run);
  std::vector<BackfillStep> steps;
  for (const RunRecord& run : planned) {
    const auto it = by_date.find(run.logical_date);
    steps.push_back({run, it == by_date.end() ? std::nullopt : std::optional(it->second)});
  }
  return steps;
}

bool ToBeCleared(const BackfillStep& step, const BackfillOptions& options) {
  if (!step.existing || !IsFinished(step.existing->state)) return false;
  return options.reset || (options.rerun_failed && step.existing->state == RunState::kFailed);
}

void PrintPlan(Session& session, const std::vector<BackfillStep>& steps,
               const BackfillOptions& options) {
  Table table{{"run_id", "logical_date", "action"}, {}};
  for (const BackfillStep& step : steps) {
    const RunRecord& run = step.existing ? *step.existing : step.wanted;
    std::string action = "create";
    if (ToBeCleared(step, options)) {
      action = "clear";
    } else if (step.existing) {
      action = "keep (" + std::string(ToString(run.state)) + ")";
    }
    table.rows.push_back({run.key.run_id, FormatIso(run.logical_date), action});
  }
  session.Print(table, OutputFormat::kTable);
}

Status ConfirmClearing(Session& session, const std::vector<BackfillStep>& steps,
                       const BackfillOptions& options) {
  const auto count = std::count_if(steps.begin(), steps.end(), [&](const BackfillStep& step) {
    return ToBeCleared(step, options);
  });
  if (count == 0) return Ok();
  return session.Confirm(
      "You are about to clear " + std::to_string(count) + " runs that have ended. Are you sure?",
      options.yes);
}

// Makes or clears one run. The result is the run to wait for, or nothing if it is to be kept and
// has ended.
Result<std::optional<RunRecord>> Prepare(Catalog* catalog, const BackfillStep& step,
                                         const BackfillOptions& options) {
  if (!step.existing) {
    BEEFLOW_ASSIGN_OR_RETURN(RunRecord run, catalog->CreateRun(step.wanted));
    return std::optional<RunRecord>(std::move(run));
  }
  if (ToBeCleared(step, options)) {
    ClearSelection selection;
    selection.dag_id = step.existing->key.dag_id;
    selection.runs = {step.existing->key.run_id};
    selection.only_failed = !options.reset;
    BEEFLOW_RETURN_IF_ERROR(catalog->Clear(selection));
    return step.existing;
  }
  return IsFinished(step.existing->state) ? std::nullopt : step.existing;
}

Status Backfill(Session& session, const BackfillOptions& options) {
  const std::string& first = options.start.empty() ? options.end : options.start;
  const std::string& last = options.end.empty() ? options.start : options.end;
  if (first.empty()) return Invalid("backfill needs --start-date, --end-date or both");
  BEEFLOW_ASSIGN_OR_RETURN(const Time start, ParseDate("--start-date", first));
  BEEFLOW_ASSIGN_OR_RETURN(const Time end, ParseDate("--end-date", last));
  BEEFLOW_ASSIGN_OR_RETURN(const std::string conf, ParseConf("--conf", options.conf));
  BEEFLOW_RETURN_IF_ERROR(RefreshDag(session, options.dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, FindDag(catalog, options.dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const auto model, catalog->Model(options.dag_id));
  BEEFLOW_RETURN_IF_ERROR(CheckConf(*model, conf));
  BEEFLOW_ASSIGN_OR_RETURN(const auto intervals,
                           IntervalsBetween(*model, start, end, session.Now()));
  std::vector<RunRecord> planned;
  for (const NextRun& interval : intervals) {
    planned.push_back(BackfillRun(*model, interval, conf, session.Now()));
  }
  BEEFLOW_ASSIGN_OR_RETURN(auto steps, CompareWithExisting(catalog, planned));
  if (options.backwards) std::reverse(steps.begin(), steps.end());
  if (options.dry_run) {
    PrintPlan(session, steps, options);
    return Ok();
  }
  BEEFLOW_RETURN_IF_ERROR(CheckRunsWouldStart(session, dag));
  BEEFLOW_RETURN_IF_ERROR(ConfirmClearing(session, steps, options));
  std::vector<RunRecord> runs;
  for (const BackfillStep& step : steps) {
    BEEFLOW_ASSIGN_OR_RETURN(const auto run, Prepare(catalog, step, options));
    if (run) runs.push_back(*run);
  }
  BEEFLOW_RETURN_IF_ERROR(session.Audit("backfill", {options.dag_id, ""}, "",
                                        FormatIso(start) + " to " + FormatIso(end)));
  if (runs.empty()) {
    session.out() << "All " << steps.size() << " runs have ended before; --reset-dagruns clears "
                  << "them, --rerun-failed-tasks those that failed\n";
    return Ok();
  }
  return CarryOut(session, runs);
}

void AddBackfill(CLI::App* dags, Commands* commands) {
  auto options = std::make_shared<BackfillOptions>();
  CLI::App* verb = dags->add_subcommand("backfill", "Run a DAG for each interval of a date range");
  verb->add_option("dag_id", options->dag_id)->required();
  verb->add_option("-s,--start-date", options->start, "First logical date");
  verb->add_option("-e,--end-date", options->end, "Last logical date; default: the first");
  verb->add_option("-c,--conf", options->conf, "JSON object that the tasks find in dag_run.conf");
  verb->add_flag("--reset-dagruns", options->reset, "Clear runs of these dates that have ended");
  verb->add_flag("--rerun-failed-tasks", options->rerun_failed, "Clear the failed tasks of such");
  verb->add_flag("-B,--run-backwards", options->backwards, "Latest date first");
  verb->add_flag("-n,--dry-run", options->dry_run, "Show what would be done");
  AddYes(verb, &options->yes);
  AddIgnoredOptions(verb);
  commands->On(verb, [options](Session& session) { return Backfill(session, *options); });
}

}  // namespace

void AddExecutionCommands(CLI::App* dags, Commands* commands) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* verb = dags->add_subcommand(
      "test", "Run a DAG once, in the foreground, with the output of its tasks");
  verb->add_option("dag_id", options->dag_id)->required();
  verb->add_option("execution_date", options->date, "Logical date; default: now");
  verb->add_option("-c,--conf", options->conf, "JSON object that the tasks find in dag_run.conf");
  AddIgnoredOptions(verb);
  commands->On(verb, [options](Session& session) { return TestDag(session, *options); });
  AddBackfill(dags, commands);
}

}  // namespace beeflow
