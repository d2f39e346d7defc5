// lab simulate: experiments, or one's own DAGs, on models of platforms in virtual time
#include <fmt/core.h>

#include "cli/commands.h"
#include "lab/export_files.h"
#include "lab/lab_data.h"
#include "platforms/forecast.h"
#include "platforms/published_check.h"
#include "platforms/simulated_export.h"
#include "platforms/task_durations.h"

namespace beeflow {
namespace {

struct SimulateOptions {
  std::string experiments;  // a file
  bool published = false;
  bool quick = false;
  std::string dags;  // a file or a folder
  int days = 7;
  std::vector<std::string> systems = {"mwaa", "sairflow-aws", "beeflow"};
  std::string start;
  std::vector<std::string> history;  // folders
  bool from_database = false;
  double task_seconds = 10;
  MwaaOptions mwaa;
  std::string mwaa_class = "small";
  BlobLocation out;
  uint64_t seed = 1;
  OutputFormat format = OutputFormat::kTable;
};

std::string Number(double value) { return fmt::format("{:.2f}", value); }

// --- The published figures ---

Status SimulatePublished(Session& session, const SimulateOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json figures, ParseJson(kPublishedFiguresJson));
  BEEFLOW_ASSIGN_OR_RETURN(const Json trace, ParseJson(kAlibabaDagsJson));
  BEEFLOW_ASSIGN_OR_RETURN(const PublishedCheck check,
                           CheckPublished(figures, trace, options.seed));
  Table table;
  table.columns = {"experiment", "system", "figure", "published", "simulated", "deviation"};
  for (const PublishedCell& cell : check.cells) {
    const std::string mark = IsWithinBound(cell) ? "" : " out of bounds";
    table.rows.push_back({cell.experiment, cell.platform + "-model", cell.metric,
                          Number(cell.published), Number(cell.simulated),
                          fmt::format("{:+.1f} %{}", cell.deviation() * 100, mark)});
  }
  session.Print(table, options.format);
  const std::string summary = fmt::format(
      "{} figures: the median deviation is {:.1f} % (at most {:.0f} %), the worst {:.1f} % "
      "(at most {:.0f} %)",
      check.cells.size(), check.median * 100, kDeviationMedianMax * 100, check.worst * 100,
      kDeviationMax * 100);
  if (options.format == OutputFormat::kTable) session.out() << summary << '\n';
  if (IsWithinBounds(check)) return Ok();
  return Internal("the models miss what was published. " + summary);
}

// --- Durations ---

// The newest runs of the user's own database.
Result<ResultSet> ReadDatabase(Session& session) {
  constexpr int64_t kRunsMax = 50;  // of each DAG
  ResultSet out;
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const auto dags, catalog->Dags(false));
  for (const DagInfo& dag : dags) {
    RunFilter filter;
    filter.dag_id = dag.record.dag_id;
    filter.states = {RunState::kSuccess};
    filter.limit = kRunsMax;
    BEEFLOW_ASSIGN_OR_RETURN(const auto runs, catalog->Runs(filter));
    for (const RunRecord& run : runs) {
      ExportedRun exported;
      exported.run = run;
      BEEFLOW_ASSIGN_OR_RETURN(exported.tasks, catalog->Tasks(run.key));
      out.runs.push_back(std::move(exported));
    }
  }
  return out;
}

Result<TaskDurations> DurationsFor(Session& session, const SimulateOptions& options,
                                   double bash_seconds) {
  std::vector<ResultSet> history;
  for (const std::string& folder : options.history) {
    BEEFLOW_ASSIGN_OR_RETURN(auto results, ReadResults(folder));
    std::move(results.begin(), results.end(), std::back_inserter(history));
  }
  if (options.from_database) {
    BEEFLOW_ASSIGN_OR_RETURN(ResultSet own, ReadDatabase(session));
    history.push_back(std::move(own));
  }
  return TaskDurations(history, {bash_seconds, options.task_seconds});
}

void TellSources(Session& session, const TaskDurations& durations,
                 const std::vector<ParsedFile>& files, const SimulateOptions& options) {
  const TaskDurations::Sources sources = durations.Count(files);
  session.err() << fmt::format(
      "Durations of {} tasks: {} from history, {} from what their commands sleep, {} guessed"
      " (--task-seconds {:g})\n",
      sources.history + sources.commands + sources.guesses, sources.history, sources.commands,
      sources.guesses, options.task_seconds);
}

// --- DAGs and experiments ---

Result<std::vector<ParsedFile>> Import(Session& session, const std::string& path,
                                       const std::vector<std::string>& dag_ids) {
  BEEFLOW_ASSIGN_OR_RETURN(const ImportedDags imported, session.environment().import_dags(path));
  for (const ImportErrorInfo& error : imported.errors) {
    const size_t last = error.stacktrace.find_last_not_of('\n');
    const std::string text = error.stacktrace.substr(0, last + 1);
    session.err() << error.file
                  << " is left out: it cannot be imported: " << text.substr(text.rfind('\n') + 1)
                  << '\n';
  }
  return ChosenDags(imported.files, dag_ids, path);
}

Result<PlatformOptions> PlatformFor(const std::string& name, const SimulateOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const PlatformOptions platform, PlatformNamed(name));
  return name == "mwaa" ? PlatformOptions(options.mwaa) : platform;
}

Status WriteOut(Session& session, const SimulateOptions& options, const std::string& system,
                const SimulationResult& result) {
  if (options.out.url.empty()) return Ok();
  BEEFLOW_ASSIGN_OR_RETURN(const auto store, session.environment().open_blob_store(options.out));
  SimulatedExport source(&result.results);
  return WriteExport(&source, store.get(), system, session.Now(), [](const std::string&) {});
}

void AddRows(const SimulationResult& result, const std::vector<std::string>& names, Table* table) {
  for (const DagForecast& dag : Summarize(result)) {
    std::vector<Cell> row(names.begin(), names.end());
    row.emplace_back(dag.dag_id);
    row.emplace_back(std::to_string(dag.runs));
    const bool ran = dag.runs > 0;
    for (const double value : {dag.makespan.median, dag.makespan.p95, dag.task_duration.median,
                               dag.task_wait.median, dag.task_wait.p95}) {
      row.push_back(ran ? Cell(Number(value)) : std::nullopt);
    }
    table->rows.push_back(std::move(row));
  }
}

std::vector<std::string> ColumnsAfter(std::vector<std::string> first) {
  // All of them in seconds.
  for (const char* name : {"dag_id", "runs", "makespan", "makespan_p95", "task_duration",
                           "task_wait", "task_wait_p95"}) {
    first.emplace_back(name);
  }
  return first;
}

Result<Time> StartOf(Session& session, const SimulateOptions& options) {
  if (!options.start.empty()) return ParseDate("--start", options.start);
  return Time(std::chrono::floor<std::chrono::days>(session.Now()));
}

Status SimulateDags(Session& session, const SimulateOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const Time start, StartOf(session, options));
  BEEFLOW_ASSIGN_OR_RETURN(const auto files, Import(session, options.dags, {}));
  BEEFLOW_ASSIGN_OR_RETURN(const TaskDurations durations,
                           DurationsFor(session, options, options.task_seconds));
  TellSources(session, durations, files, options);
  Table dags{ColumnsAfter({"system"}), {}};
  Table systems{{"system", "runs", "not ended", "most workers at once"}, {}};
  for (const std::string& name : options.systems) {
    BEEFLOW_ASSIGN_OR_RETURN(const PlatformOptions platform, PlatformFor(name, options));
    SimulationOptions simulation = WeekOf(platform, files, start, options.days);
    simulation.seed = options.seed;
    simulation.task_seconds = [&durations](const Dag& dag, TaskIndex task) {
      return durations.Seconds(dag, task);
    };
    BEEFLOW_ASSIGN_OR_RETURN(const SimulationResult result, SimulateSystem(simulation));
    AddRows(result, {name + "-model"}, &dags);
    systems.rows.push_back({name + "-model", std::to_string(result.results.runs.size()),
                            std::to_string(result.unfinished_runs),
                            std::to_string(result.workers_peak)});
    BEEFLOW_RETURN_IF_ERROR(WriteOut(session, options, name + "-model", result));
  }
  session.Print(dags, options.format);
  if (options.format == OutputFormat::kTable) session.Print(systems, options.format);
  return Ok();
}

Status SimulateTrial(Session& session, const SimulateOptions& options, const Experiment& experiment,
                     SimulatedTrial trial, const TaskDurations& durations, Table* table) {
  trial.options.seed = options.seed;
  trial.options.task_seconds = [&durations](const Dag& dag, TaskIndex task) {
    return durations.Seconds(dag, task);
  };
  BEEFLOW_ASSIGN_OR_RETURN(SimulationResult result, SimulateSystem(trial.options));
  Trim(trial, &result);
  AddRows(result, {experiment.id, trial.system}, table);
  if (result.unfinished_runs > 0) {
    session.err() << fmt::format("{}: {} runs have not ended\n", trial.system,
                                 result.unfinished_runs);
  }
  return WriteOut(session, options, trial.system, result);
}

Status SimulateExperiments(Session& session, const SimulateOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const Time start, StartOf(session, options));
  BEEFLOW_ASSIGN_OR_RETURN(const ExperimentFile file,
                           ReadExperiments(options.experiments, options.quick));
  BEEFLOW_ASSIGN_OR_RETURN(const TaskDurations durations, DurationsFor(session, options, 0));
  Table table{ColumnsAfter({"experiment", "system"}), {}};
  for (const Controller& controller : file.controllers) {
    if (controller.type != ControllerType::kAirflow) continue;
    session.err() << controller.id << " is left out: there is no model of a real Airflow\n";
  }
  for (const Experiment& experiment : file.experiments) {
    BEEFLOW_ASSIGN_OR_RETURN(const auto dags,
                             Import(session, experiment.dags_path, experiment.dag_ids));
    for (const Controller& controller : file.controllers) {
      for (const SimulatedTrial& trial : TrialsOf(controller, experiment, dags, start)) {
        BEEFLOW_RETURN_IF_ERROR(
            SimulateTrial(session, options, experiment, trial, durations, &table));
      }
    }
  }
  session.Print(table, options.format);
  return Ok();
}

Status Simulate(Session& session, SimulateOptions options) {
  const int kinds = (options.published ? 1 : 0) + (options.dags.empty() ? 0 : 1) +
                    (options.experiments.empty() ? 0 : 1);
  if (kinds != 1) {
    return Invalid(
        "lab simulate: name what to simulate: an experiment file, --dags FOLDER or"
        " --published");
  }
  const std::map<std::string, int> classes = {{"small", 1}, {"medium", 2}, {"large", 4}};
  const int size = classes.at(options.mwaa_class);
  options.mwaa.tasks_per_worker = 5 * size;
  options.mwaa.worker_processors = size;
  if (options.mwaa.max_workers < options.mwaa.min_workers) {
    return Invalid("--max-workers is below --min-workers");
  }
  if (options.published) return SimulatePublished(session, options);
  if (!options.dags.empty()) return SimulateDags(session, options);
  return SimulateExperiments(session, options);
}

void AddModelOptions(CLI::App* verb, SimulateOptions* options) {
  verb->add_option("--system", options->systems,
                   "Models: mwaa, sairflow-aws, beeflow (with --dags)")
      ->delimiter(',')
      ->capture_default_str();
  verb->add_option("--mwaa-class", options->mwaa_class, "Environment class of mwaa")
      ->check(CLI::IsMember({"small", "medium", "large"}))
      ->capture_default_str();
  verb->add_option("--min-workers", options->mwaa.min_workers, "Workers of mwaa, always on")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_option("--max-workers", options->mwaa.max_workers, "Workers of mwaa, at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

}  // namespace

void AddLabSimulate(CLI::App* lab, Commands* commands) {
  auto options = std::make_shared<SimulateOptions>();
  CLI::App* verb = lab->add_subcommand(
      "simulate", "Run experiments or your own DAGs on models of platforms, in virtual time");
  verb->add_option("experiments", options->experiments, "Experiment file, as for lab run");
  verb->add_flag("--quick", options->quick, "The file's quick variants");
  verb->add_flag("--published", options->published,
                 "Compare the models with the published figures; exit code 1 if one is far off");
  verb->add_option("--dags", options->dags, "Simulate the schedules of these DAG files");
  verb->add_option("--days", options->days, "Days to simulate (with --dags)")
      ->check(CLI::Range(1, 366))
      ->capture_default_str();
  verb->add_option("--start", options->start, "First day; today where not given");
  AddModelOptions(verb, options.get());
  verb->add_option("--history", options->history, "Exports to take the durations of tasks from");
  verb->add_flag("--from-database", options->from_database,
                 "Take the durations of tasks from the runs in the database");
  verb->add_option("--task-seconds", options->task_seconds, "Duration of tasks not known otherwise")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  verb->add_option("--out", options->out.url,
                   "Folder, or s3://bucket/prefix, to write exports of the simulated runs below");
  verb->add_option("--endpoint-url", options->out.endpoint_url,
                   "Server to use instead of AWS, such as http://host:9000");
  verb->add_option("--region", options->out.region, "Region of the bucket");
  verb->add_option("--seed", options->seed, "The same seed gives the same result")
      ->capture_default_str();
  AddOutput(verb, &options->format);
  commands->On(verb, [options](Session& session) { return Simulate(session, *options); });
}

}  // namespace beeflow
