// dags list-runs, state, trigger
#include "cli/commands.h"
#include "cli/run_progress.h"
#include "ports/manual_run.h"

namespace beeflow {
namespace {

struct ListRunsOptions {
  std::string dag_id, state, start, end;
  bool no_backfill = false;
  OutputFormat format = OutputFormat::kTable;
};

Status ListRuns(Session& session, const ListRunsOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_RETURN_IF_ERROR(FindDag(catalog, options.dag_id));
  RunFilter filter;
  filter.dag_id = options.dag_id;
  if (!options.state.empty()) {
    const auto state = ParseRunState(options.state);
    if (!state) {
      return Invalid("--state: '" + options.state +
                     "' is no state of a run; use queued, running, success or failed");
    }
    filter.states = {*state};
  }
  BEEFLOW_ASSIGN_OR_RETURN(filter.logical_date_from,
                           ParseOptionalDate("--start-date", options.start));
  BEEFLOW_ASSIGN_OR_RETURN(filter.logical_date_to, ParseOptionalDate("--end-date", options.end));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<RunRecord> runs, AllRuns(catalog, filter));
  Table table{{"dag_id", "run_id", "state", "execution_date", "start_date", "end_date"}, {}};
  for (const RunRecord& run : runs) {
    if (options.no_backfill && run.type == RunType::kBackfill) continue;
    table.rows.push_back({run.key.dag_id, run.key.run_id, std::string(ToString(run.state)),
                          FormatIso(run.logical_date), TimeCell(run.start_date),
                          TimeCell(run.end_date)});
  }
  session.Print(table, options.format);
  return Ok();
}

// As in Airflow, a date on which there is no run has the state None; a text that is no date must
// be the id of a run.
Status ShowState(Session& session, const std::string& dag_id, const std::string& run_or_date) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_RETURN_IF_ERROR(FindDag(catalog, dag_id));
  const auto run = FindRun(catalog, dag_id, run_or_date);
  if (!run.ok()) {
    if (run.error().code != ErrorCode::kNotFound || !ParseTime(run_or_date).ok()) {
      return run.error();
    }
    session.err() << "beeflow: " << run.error().message << '\n';
    session.out() << "None\n";
    return Ok();
  }
  session.out() << ToString(run->state);
  if (run->conf != "{}" && !run->conf.empty()) session.out() << ", " << run->conf;
  session.out() << '\n';
  return Ok();
}

struct TriggerOptions {
  std::string dag_id, conf, run_id, date;
  bool wait = false;
  bool keep_microseconds = true;
  OutputFormat format = OutputFormat::kTable;
};

Result<ManualRun> ReadManualRun(const TriggerOptions& options) {
  ManualRun request;
  if (!options.run_id.empty()) request.run_id = options.run_id;
  BEEFLOW_ASSIGN_OR_RETURN(request.logical_date, ParseOptionalDate("--exec-date", options.date));
  BEEFLOW_ASSIGN_OR_RETURN(request.conf, ParseConf("--conf", options.conf));
  return request;
}

void PrintRun(Session& session, const RunRecord& run, OutputFormat format) {
  const auto start = run.interval ? std::optional<Time>(run.interval->start) : std::nullopt;
  const auto end = run.interval ? std::optional<Time>(run.interval->end) : std::nullopt;
  const Table table{
      {"conf", "dag_id", "dag_run_id", "data_interval_start", "data_interval_end", "end_date",
       "external_trigger", "logical_date", "run_type", "start_date", "state"},
      {{run.conf, run.key.dag_id, run.key.run_id, TimeCell(start), TimeCell(end),
        TimeCell(run.end_date), BooleanCell(run.external_trigger), FormatIso(run.logical_date),
        std::string(ToString(run.type)), TimeCell(run.start_date),
        std::string(ToString(run.state))}}};
  session.Print(table, format);
}

Status Trigger(Session& session, const TriggerOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const ManualRun request, ReadManualRun(options));
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, FindDag(catalog, options.dag_id));
  if (!dag.record.is_active) {
    return Conflict("DAG '" + options.dag_id + "' is not active: " + dag.record.file +
                    " no longer defines it; bring it back, or delete its records with "
                    "'beeflow dags delete " +
                    options.dag_id + "'");
  }
  if (options.wait && session.is_remote()) {
    return Invalid(
        "--wait works only on the server's own machine; without it, ask with 'beeflow "
        "dags state " +
        options.dag_id + " RUN_ID'");
  }
  if (options.wait) BEEFLOW_RETURN_IF_ERROR(CheckRunsWouldStart(session, dag));
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord wanted, MakeManualRun(session, dag, request));
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, catalog->CreateRun(wanted));
  BEEFLOW_RETURN_IF_ERROR(session.Audit("trigger", run.key, "", run.conf));
  if (dag.record.is_paused && !options.wait) {
    session.err() << "DAG '" << options.dag_id << "' is paused: the run stays queued until "
                  << "'beeflow dags unpause " << options.dag_id << "'\n";
  }
  if (dag.has_import_errors) {
    session.err() << dag.record.file << " cannot be imported at present; the run takes the last "
                  << "version of the DAG that could be, its Python tasks will fail\n";
  }
  if (!options.wait) {
    PrintRun(session, run, options.format);
    return Ok();
  }
  Status status = CarryOut(session, {run});
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord ended, catalog->Run(run.key));
  PrintRun(session, ended, options.format);
  return status;
}

void AddTrigger(CLI::App* dags, Commands* commands) {
  auto options = std::make_shared<TriggerOptions>();
  CLI::App* verb = dags->add_subcommand("trigger", "Trigger a run of a DAG");
  verb->add_option("dag_id", options->dag_id)->required();
  verb->add_option("-c,--conf", options->conf, "JSON object that the tasks find in dag_run.conf");
  verb->add_option("-r,--run-id", options->run_id, "Id of the run");
  verb->add_option("-e,--exec-date", options->date, "Logical date of the run; default: now");
  verb->add_flag("--wait", options->wait, "Return when the run has ended; fail if it failed");
  // Airflow cuts the default date to seconds unless told otherwise, and then refuses a second run
  // within the second. Here the microseconds always stay.
  verb->add_flag("--no-replace-microseconds", options->keep_microseconds)->group("");
  AddOutput(verb, &options->format);
  AddIgnoredOptions(verb);
  commands->On(verb, [options](Session& session) { return Trigger(session, *options); });
}

}  // namespace

void AddRunCommands(CLI::App* dags, Commands* commands) {
  auto list = std::make_shared<ListRunsOptions>();
  CLI::App* list_runs = dags->add_subcommand("list-runs", "List the runs of a DAG");
  list_runs->add_option("-d,--dag-id", list->dag_id)->required();
  list_runs->add_option("--state", list->state, "Only runs in this state");
  list_runs->add_option("-s,--start-date", list->start, "Only logical dates from this on");
  list_runs->add_option("-e,--end-date", list->end, "Only logical dates up to this");
  list_runs->add_flag("--no-backfill", list->no_backfill, "Leave out backfill runs");
  AddOutput(list_runs, &list->format);
  AddIgnoredOptions(list_runs);
  commands->On(list_runs, [list](Session& session) { return ListRuns(session, *list); });

  auto key = std::make_shared<std::pair<std::string, std::string>>();
  CLI::App* state = dags->add_subcommand("state", "Show the state of a run");
  state->add_option("dag_id", key->first)->required();
  state->add_option("execution_date_or_run_id", key->second)->required();
  AddIgnoredOptions(state);
  commands->On(state, [key](Session& s) { return ShowState(s, key->first, key->second); });
  AddTrigger(dags, commands);
}

}  // namespace beeflow
