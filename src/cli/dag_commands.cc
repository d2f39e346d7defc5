// dags list, list-import-errors, show, details, next-execution, pause, unpause, delete, reserialize
#include <filesystem>
#include <fstream>

#include "cli/commands.h"
#include "cli/dag_graph.h"
#include "cli/regex_filter.h"
#include "timetable/timetable.h"

namespace beeflow {
namespace {

std::string Joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

// Airflow shows files relative to the DAG folder.
std::string RelativeFile(const std::string& file, const std::string& folder) {
  if (file.size() > folder.size() + 1 && file.compare(0, folder.size(), folder) == 0 &&
      file[folder.size()] == '/') {
    return file.substr(folder.size() + 1);
  }
  return file;
}

Status ListDags(Session& session, OutputFormat format) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<DagInfo> dags, catalog->Dags(true));
  const std::string& folder = config->Text("core", "dags_folder");
  Table table{{"dag_id", "filepath", "owner", "paused"}, {}};
  for (const DagInfo& dag : dags) {
    table.rows.push_back({dag.record.dag_id, RelativeFile(dag.record.file, folder),
                          Joined(dag.owners), BooleanCell(dag.record.is_paused)});
  }
  session.Print(table, format);
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<ImportErrorInfo> errors, catalog->ImportErrors());
  if (!errors.empty()) {
    session.err() << errors.size() << (errors.size() == 1 ? " file" : " files")
                  << " could not be imported; 'beeflow dags list-import-errors' shows why\n";
  }
  if (dags.empty() && errors.empty()) {
    session.err() << "DAG files in " << folder
                  << " are read by 'beeflow standalone', or now by 'beeflow dags reserialize'\n";
  }
  return Ok();
}

Status ListImportErrors(Session& session, OutputFormat format) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<ImportErrorInfo> errors, catalog->ImportErrors());
  Table table{{"filepath", "error"}, {}};
  for (const ImportErrorInfo& error : errors) table.rows.push_back({error.file, error.stacktrace});
  session.Print(table, format);
  return Ok();
}

struct ShowOptions {
  std::string dag_id;
  std::string save;
  bool dot = false;
};

Status ShowDag(Session& session, const ShowOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, FindModel(catalog, options.dag_id));
  if (options.save.empty()) {
    session.out() << (options.dot ? GraphAsDot(*dag) : GraphAsText(*dag));
    return Ok();
  }
  const std::string extension = std::filesystem::path(options.save).extension();
  if (extension != ".dot" && extension != ".gv") {
    return Invalid("--save: only DOT files are written; name it " +
                   std::filesystem::path(options.save).replace_extension(".dot").string() +
                   " and draw it with 'dot -Tsvg'");
  }
  std::ofstream file(options.save);
  file << GraphAsDot(*dag) << std::flush;
  if (!file) return Unavailable("--save: " + options.save + " cannot be written");
  session.out() << "File " << options.save << " saved\n";
  return Ok();
}

Cell OptionalTime(const std::optional<Time>& time) {
  return time ? Cell(FormatIso(*time)) : std::nullopt;
}

Status ShowDetails(Session& session, const std::string& dag_id, OutputFormat format) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, FindDag(catalog, dag_id));
  const DagRecord& record = dag.record;
  const auto& interval = record.next_interval;
  const auto start = interval ? std::optional<Time>(interval->start) : std::nullopt;
  const auto end = interval ? std::optional<Time>(interval->end) : std::nullopt;
  const Table table{{"property_name", "property_value"},
                    {{"dag_id", record.dag_id},
                     {"description", dag.description},
                     {"fileloc", record.file},
                     {"has_import_errors", BooleanCell(dag.has_import_errors)},
                     {"is_active", BooleanCell(record.is_active)},
                     {"is_paused", BooleanCell(record.is_paused)},
                     {"last_parsed_time", OptionalTime(dag.last_parsed)},
                     {"max_active_runs", std::to_string(dag.max_active_runs)},
                     {"max_active_tasks", std::to_string(dag.max_active_tasks)},
                     {"next_dagrun", OptionalTime(record.next_logical_date)},
                     {"next_dagrun_create_after", OptionalTime(record.next_create_after)},
                     {"next_dagrun_data_interval_end", OptionalTime(end)},
                     {"next_dagrun_data_interval_start", OptionalTime(start)},
                     {"owners", Joined(dag.owners)},
                     {"schedule_interval", dag.schedule},
                     {"tags", Joined(dag.tags)}}};
  session.Print(table, format);
  return Ok();
}

Status NextExecution(Session& session, const std::string& dag_id, int count) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, FindDag(catalog, dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const auto model, catalog->Model(dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const Timetable timetable, Timetable::FromJson(model->schedule));
  if (dag.record.is_paused) session.err() << "[INFO] DAG '" << dag_id << "' is paused\n";
  if (!dag.record.next_logical_date) {
    session.err() << "[WARN] DAG '" << dag_id << "' (schedule " << dag.schedule
                  << ") has no next scheduled run\n";
    session.out() << "None\n";
    return Ok();
  }
  session.out() << FormatIso(*dag.record.next_logical_date) << '\n';
  auto last = dag.record.next_interval;
  const Restriction restriction{model->start_date, model->end_date, model->catchup};
  for (int i = 1; i < count && last; ++i) {
    const auto next = timetable.Next(last, restriction, last->end);
    if (!next) break;
    session.out() << FormatIso(next->logical_date) << '\n';
    last = next->interval;
  }
  return Ok();
}

struct PauseOptions {
  std::string dag_id;
  bool is_regex = false;
  bool yes = false;
  OutputFormat format = OutputFormat::kTable;
};

Result<std::vector<std::string>> DagsToPause(Session& session, const PauseOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  if (!options.is_regex) {
    BEEFLOW_RETURN_IF_ERROR(FindDag(catalog, options.dag_id));
    return std::vector<std::string>{options.dag_id};
  }
  BEEFLOW_ASSIGN_OR_RETURN(const std::regex pattern, CompileRegex("dag_id", options.dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<DagInfo> dags, catalog->Dags(true));
  std::vector<std::string> ids;
  for (const DagInfo& dag : dags) {
    if (std::regex_search(dag.record.dag_id, pattern)) ids.push_back(dag.record.dag_id);
  }
  if (ids.empty()) return NotFound("no DAG matches '" + options.dag_id + "'");
  return ids;
}

Status SetPaused(Session& session, const PauseOptions& options, bool paused) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<std::string> ids, DagsToPause(session, options));
  if (options.is_regex) {
    const std::string verb = paused ? "pause" : "unpause";
    BEEFLOW_RETURN_IF_ERROR(session.Confirm("You are about to " + verb + " " +
                                                std::to_string(ids.size()) +
                                                " DAGs: " + Joined(ids) + ". Proceed?",
                                            options.yes));
  }
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  Table table{{"dag_id", "is_paused"}, {}};
  for (const std::string& id : ids) {
    BEEFLOW_RETURN_IF_ERROR(catalog->SetPaused(id, paused));
    BEEFLOW_RETURN_IF_ERROR(session.Audit(paused ? "paused" : "unpaused", {id, ""}, "", "cli"));
    table.rows.push_back({id, BooleanCell(paused)});
  }
  session.Print(table, options.format);
  return Ok();
}

Status DeleteDag(Session& session, const std::string& dag_id, bool yes) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_RETURN_IF_ERROR(FindDag(catalog, dag_id));
  RunFilter filter;
  filter.dag_id = dag_id;
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t runs, catalog->CountRuns(filter));
  BEEFLOW_RETURN_IF_ERROR(session.Confirm("This will drop all existing records related to DAG '" +
                                              dag_id + "', " + std::to_string(runs) +
                                              " runs among them. Proceed?",
                                          yes));
  BEEFLOW_RETURN_IF_ERROR(catalog->DeleteDag(dag_id));
  BEEFLOW_RETURN_IF_ERROR(session.Audit("delete_dag", {dag_id, ""}, "", "cli"));
  session.out() << "DAG " << dag_id << " deleted\n";
  return Ok();
}

Status Reserialize(Session& session) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_RETURN_IF_ERROR(session.environment().refresh_dags(*config, std::nullopt));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<DagInfo> dags, catalog->Dags(true));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<ImportErrorInfo> errors, catalog->ImportErrors());
  session.out() << dags.size() << " DAGs, " << errors.size() << " import errors\n";
  return Ok();
}

void AddPause(CLI::App* dags, Commands* commands, bool paused) {
  auto options = std::make_shared<PauseOptions>();
  CLI::App* verb = paused ? dags->add_subcommand("pause", "Pause a DAG: no run of it starts")
                          : dags->add_subcommand("unpause", "Resume a paused DAG");
  verb->add_option("dag_id", options->dag_id)->required();
  verb->add_flag("--treat-dag-id-as-regex", options->is_regex, "All DAGs whose id matches");
  AddYes(verb, &options->yes);
  AddOutput(verb, &options->format);
  AddIgnoredOptions(verb);
  commands->On(verb, [=](Session& session) { return SetPaused(session, *options, paused); });
}

// Verbs whose only argument, if any, is the DAG.
void AddSimpleVerbs(CLI::App* dags, Commands* commands) {
  struct Options {
    std::string dag_id;
    OutputFormat format = OutputFormat::kTable;
    int count = 1;
    bool yes = false;
  };
  const auto add = [&](const char* name, const char* description, bool takes_dag, bool lists) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = dags->add_subcommand(name, description);
    if (takes_dag) verb->add_option("dag_id", options->dag_id)->required();
    if (lists) AddOutput(verb, &options->format);
    AddIgnoredOptions(verb);
    return std::pair(verb, options);
  };
  const auto [list, list_options] = add("list", "List all DAGs", false, true);
  commands->On(list, [o = list_options](Session& s) { return ListDags(s, o->format); });
  const auto [errors, errors_options] =
      add("list-import-errors", "List the files that could not be imported", false, true);
  commands->On(errors, [o = errors_options](Session& s) { return ListImportErrors(s, o->format); });
  const auto [details, details_options] = add("details", "Show a DAG's properties", true, true);
  commands->On(details,
               [o = details_options](Session& s) { return ShowDetails(s, o->dag_id, o->format); });
  const auto [next, next_options] =
      add("next-execution", "Show the logical dates of the next runs", true, false);
  next->add_option("-n,--num-executions", next_options->count, "How many")
      ->check(CLI::Range(1, 1000));
  commands->On(next,
               [o = next_options](Session& s) { return NextExecution(s, o->dag_id, o->count); });
  const auto [erase, erase_options] =
      add("delete", "Delete all records of a DAG from the database", true, false);
  AddYes(erase, &erase_options->yes);
  commands->On(erase, [o = erase_options](Session& s) { return DeleteDag(s, o->dag_id, o->yes); });
  const auto [reserialize, unused] =
      add("reserialize", "Import the DAG files that changed", false, false);
  commands->On(reserialize, [](Session& s) { return Reserialize(s); });
}

}  // namespace

void AddDagCommands(CLI::App* dags, Commands* commands) {
  AddSimpleVerbs(dags, commands);
  AddPause(dags, commands, true);
  AddPause(dags, commands, false);
  auto options = std::make_shared<ShowOptions>();
  CLI::App* show = dags->add_subcommand("show", "Show a DAG's tasks and their dependencies");
  show->add_option("dag_id", options->dag_id)->required();
  show->add_flag("--dot", options->dot, "Print it in Graphviz' DOT language");
  show->add_option("-s,--save", options->save, "Write the DOT text to this file");
  AddIgnoredOptions(show);
  commands->On(show, [options](Session& session) { return ShowDag(session, *options); });
}

}  // namespace beeflow
