#include "cli/cli.h"

#include "cli/commands.h"
#include "cli/remote_verbs.h"
#include "config/nearest_name.h"

namespace beeflow {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

// Options of `standalone` and `control` that stand for settings.
struct SettingOption {
  const char* names;
  const char* section;
  const char* key;
  const char* description;
};
constexpr SettingOption kServerOptions[] = {
    {"--dags", "core", "dags_folder", "Folder of the DAG files"},
    {"--host", "webserver", "web_server_host", "Address of the API and the UI"},
    {"-p,--port", "webserver", "web_server_port", "Port of the API and the UI; 0 takes a free one"},
    {"--db", "database", "url", "postgresql://… of the metadata database; else an SQLite file"},
    {"--nats", "nats", "url", "NATS servers that carry tasks to workers on other hosts"},
    {"--system", "core", "system", "serverless, or mwaa: a model of managed Airflow"},
    {"--min-workers", "pool_executor", "min_workers", "Of mwaa: workers that are always there"},
    {"--max-workers", "pool_executor", "max_workers", "Of mwaa: most workers"},
    {"--tasks-per-worker", "pool_executor", "tasks_per_worker", "Of mwaa: tasks of a worker"},
};

using OptionValues = std::vector<std::string>;  // in the order of kServerOptions

Status ApplyServerOptions(const OptionValues& values, Config* config) {
  for (size_t i = 0; i < values.size(); ++i) {
    const SettingOption& option = kServerOptions[i];
    std::string value = values[i];
    if (value.empty()) continue;
    // A relative folder is meant as the shell means it, not below BEEFLOW_HOME.
    if (std::string_view(option.names) == "--dags") {
      value = std::filesystem::absolute(value).string();
    }
    BEEFLOW_RETURN_IF_ERROR(config->Override(option.section, option.key, value, option.names));
  }
  return Ok();
}

enum class Workers { kOwn, kElsewhere };

void AddServer(CLI::App* app, const char* name, const char* description, Workers workers,
               Commands* commands, int* exit_code) {
  CLI::App* verb = app->add_subcommand(name, description);
  auto values = std::make_shared<OptionValues>(std::size(kServerOptions));
  for (size_t i = 0; i < values->size(); ++i) {
    verb->add_option(kServerOptions[i].names, (*values)[i], kServerOptions[i].description);
  }
  auto until_eof = std::make_shared<bool>(false);
  verb->add_flag("--until-eof", *until_eof,
                 "End, with all tasks, when standard input ends: for programs that start it");
  commands->On(verb, [values, until_eof, workers, exit_code](Session& session) -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
    BEEFLOW_RETURN_IF_ERROR(ApplyServerOptions(*values, config));
    if (workers == Workers::kElsewhere && config->Text("nats", "url").empty()) {
      return Invalid(
          "'beeflow control' runs no tasks itself: name the NATS servers of its workers "
          "with --nats or [nats] url, or use 'beeflow standalone'");
    }
    *exit_code = session.environment().run_standalone(*config, *until_eof);
    return Ok();
  });
}

// For the help text; RunCli hands these on before the parser sees them.
void AddPassedThrough(CLI::App* app) {
  app->add_subcommand("demo", "Run an example DAG once, in a temporary home");
  app->add_subcommand("worker", "Run tasks on this host for a server elsewhere, by way of NATS");
}

void AddAllCommands(CLI::App* app, Commands* commands, int* exit_code) {
  AddServer(app, "standalone", "Run everything: scheduler, worker, API, UI", Workers::kOwn,
            commands, exit_code);
  AddServer(app, "control", "Run scheduler, API and UI; workers elsewhere run the tasks, over NATS",
            Workers::kElsewhere, commands, exit_code);
  CLI::App* dags = AddGroup(app, "dags", "Manage DAGs and their runs");
  AddDagCommands(dags, commands);
  AddRunCommands(dags, commands);
  AddExecutionCommands(dags, commands);
  AddBackfillCommands(AddGroup(app, "backfill", "Manage backfills"), commands);
  CLI::App* tasks = AddGroup(app, "tasks", "Manage tasks and their instances");
  AddTaskCommands(tasks, commands);
  AddClearCommand(tasks, commands);
  AddLogsCommand(tasks, commands);
  AddPoolCommands(AddGroup(app, "pools", "Manage pools"), commands);
  AddVariableCommands(AddGroup(app, "variables", "Manage Variables"), commands);
  AddConnectionCommands(AddGroup(app, "connections", "Manage connections"), commands);
  AddUserCommands(AddGroup(app, "users", "Manage users"), commands);
  AddRoleCommands(AddGroup(app, "roles", "Manage roles"), commands);
  AddTokenCommands(AddGroup(app, "tokens", "Manage tokens of the API"), commands);
  AddDatabaseCommands(app, commands);
  AddConfigCommands(app, commands);
  AddLabCommands(app, commands);
  AddPassedThrough(app);
}

// The innermost verb that was recognized, and how it is typed.
const CLI::App* InnermostVerb(const CLI::App* app, std::string* typed) {
  *typed = app->get_name();
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().back();
    *typed += " " + app->get_name();
  }
  return app;
}

// What the parser says, in our words where it concerns a name that does not exist.
std::string ExplainParseError(const CLI::App& app, const CLI::ParseError& error) {
  std::string typed;
  const CLI::App* verb = InnermostVerb(&app, &typed);
  const std::string help = "; '" + typed + " --help' shows how it is used";
  const std::vector<std::string> extras = app.remaining(true);
  if (extras.empty()) return typed + ": " + error.what() + help;
  std::vector<std::string> known;
  const bool is_option = extras.front()[0] == '-';
  if (is_option) {
    for (const CLI::Option* option : verb->get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
  } else {
    for (const CLI::App* child : verb->get_subcommands({})) known.push_back(child->get_name());
  }
  const std::string name =
      is_option ? extras.front().substr(0, extras.front().find('=')) : extras.front();
  const std::string hint = DidYouMean(name, known);
  const std::string kind = is_option ? "option" : known.empty() ? "argument" : "command";
  return "'" + typed + "' takes no " + kind + " '" + name + "'" + (hint.empty() ? help : hint);
}

// Only what CLI11 itself throws is caught: it is the one library here that reports by exceptions.
std::optional<int> ParseArguments(CLI::App* app, int argc, const char* const* argv,
                                  CliEnvironment& environment) {
  try {
    app->parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app->exit(help, *environment.out, *environment.err);
  } catch (const CLI::CallForVersion&) {
    *environment.out << environment.version << '\n';
    return 0;
  } catch (const CLI::ParseError& error) {
    *environment.err << "beeflow: " << ExplainParseError(*app, error) << '\n';
    return kUsage;
  }
  return std::nullopt;
}

}  // namespace

void AddOutput(CLI::App* verb, OutputFormat* format) {
  static const std::map<std::string, OutputFormat> kFormats = {{"table", OutputFormat::kTable},
                                                               {"json", OutputFormat::kJson},
                                                               {"yaml", OutputFormat::kYaml},
                                                               {"plain", OutputFormat::kPlain}};
  verb->add_option("-o,--output", *format, "Output format: table, json, yaml or plain")
      ->transform(CLI::Transformer(kFormats, CLI::ignore_case))
      ->type_name("FORMAT");
}

void AddYes(CLI::App* verb, bool* yes) {
  verb->add_flag("-y,--yes", *yes, "Do not ask for confirmation");
}

void AddIgnoredOptions(CLI::App* verb) {
  verb->add_option("-S,--subdir")->group("");
  verb->add_flag("-v,--verbose")->group("");
}

CLI::App* AddGroup(CLI::App* app, const std::string& name, const std::string& description) {
  CLI::App* group = app->add_subcommand(name, description);
  group->require_subcommand(1);
  return group;
}

int RunCli(int argc, const char* const* argv, CliEnvironment& environment) {
  const std::string first = argc > 1 ? argv[1] : "";
  const std::vector<std::string> rest(argv + std::min(argc, 2), argv + argc);
  if (first == "worker") return environment.run_worker(rest);
  if (first == "demo") return environment.run_demo(rest);

  CLI::App app("Runs Apache Airflow DAG files without Airflow", "beeflow");
  RemoteOptions remote;
  AddRemoteOptions(&app, &remote);
  app.require_subcommand(1);
  app.set_version_flag("--version", environment.version);
  Commands commands;
  int exit_code = 0;
  AddAllCommands(&app, &commands, &exit_code);
  if (const auto ended = ParseArguments(&app, argc, argv, environment)) return *ended;

  Session session(&environment);
  std::string typed;
  InnermostVerb(&app, &typed);
  Status status = ConnectIfRemote(remote, typed, &session);
  // `demo` and `worker` are no verbs behind an option.
  if (status.ok() && !commands.chosen()) status = Invalid("'" + typed + "' comes first");
  if (status.ok()) status = commands.chosen()(session);
  environment.out->flush();
  if (status.ok()) return exit_code;
  *environment.err << "beeflow: " << status.error().message << '\n';
  return kFailed;
}

}  // namespace beeflow
