// The composition root: the only place that knows all parts.
#include <pwd.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <iostream>

#include "blob/open_blob_store.h"
#include "cli/cli.h"
#include "crypt/argon2_credentials.h"
#include "main/browser.h"
#include "main/command_worker.h"
#include "main/dag_import.h"
#include "main/database.h"
#include "main/database_watch.h"
#include "main/demo.h"
#include "main/engine.h"
#include "main/in_process.h"
#include "main/lab.h"
#include "main/nats_worker.h"
#include "main/resources.h"
#include "main/secret_prompt.h"
#include "main/standalone.h"
#include "os/entropy.h"
#include "os/system_clock.h"
#include "os/thread_pause.h"
#include "remote/remote_catalog.h"
#include "remote/remote_secret_store.h"

namespace beeflow {
namespace {

std::string UserName() {
  const passwd* user = getpwuid(geteuid());
  return user ? user->pw_name : std::to_string(geteuid());
}

void SetDatabase(CliEnvironment* environment) {
  environment->open_catalog = OpenCatalog;
  environment->open_secrets = OpenSecrets;
  environment->open_users = OpenUsers;
  environment->open_export = OpenExport;
  environment->open_admin = OpenAdmin;
}

void SetRemote(CliEnvironment* environment) {
  environment->open_remote = [](const std::string& url,
                                const std::string& token) -> Result<RemoteStores> {
    const RemoteServer server{url, token};
    BEEFLOW_ASSIGN_OR_RETURN(auto for_catalog, ServerApi::For(server));
    BEEFLOW_ASSIGN_OR_RETURN(auto for_secrets, ServerApi::For(server));
    auto catalog = std::make_unique<RemoteCatalog>(std::move(for_catalog));
    RemoteStores stores;
    stores.log = [from = catalog.get()](const TaskRecord& task, int try_number) {
      return from->Log(task, try_number);
    };
    stores.catalog = std::move(catalog);
    stores.secrets = std::make_unique<RemoteSecretStore>(std::move(for_secrets));
    return stores;
  };
}

void SetEngine(CliEnvironment* environment) {
  environment->server_runs = [](const Config& config) -> Result<bool> {
    return Engine::Runs(config);
  };
  environment->watch = WatchDatabase;
  environment->refresh_dags = RefreshDags;
  environment->run_in_process = RunInProcess;
  environment->test_task = TestTask;
  environment->render_task = RenderTask;
  environment->ask_manual_interval = AskManualInterval;
  environment->test_connection = TestConnection;
  environment->run_standalone = RunStandalone;
  environment->run_lab = RunExperiments;
  environment->import_dags = ImportDags;
  environment->run_worker = RunWorkerCommand;
  environment->run_demo = RunDemo;
}

// Everything that is logged goes to stderr; stdout is for what a command prints. Commands tell only
// what is wrong; the server sets the level that is configured.
void SetUpLogging() {
  spdlog::set_default_logger(spdlog::stderr_color_mt("beeflow"));
  spdlog::set_pattern("[%Y-%m-%dT%H:%M:%S.%e%z] %^%l%$ %v");
  spdlog::set_level(spdlog::level::warn);
}

int Main(int argc, char** argv) {
  SetUpLogging();
  SystemClock clock;
  ThreadPause pause;
  Argon2Credentials credentials;
  CliEnvironment environment;
  environment.in = &std::cin;
  environment.out = &std::cout;
  environment.err = &std::cerr;
  environment.in_is_terminal = isatty(STDIN_FILENO) != 0;
  environment.err_is_terminal = isatty(STDERR_FILENO) != 0;
  environment.variables = VariablesFrom(environ);
  environment.clock = &clock;
  environment.version = BEEFLOW_VERSION;
  environment.user = UserName();
  environment.credentials = &credentials;
  environment.ask_secret = AskSecret;
  environment.open_blob_store = [&](const BlobLocation& location) {
    return OpenBlobStore(location, {environment.variables, RandomSeed(), &pause});
  };
  SetDatabase(&environment);
  SetRemote(&environment);
  SetEngine(&environment);
  environment.find_resource = FindResource;
  environment.print_page = [variables = environment.variables](const std::string& url) {
    return PrintPage(variables, url);
  };
  return RunCli(argc, argv, environment);
}

}  // namespace
}  // namespace beeflow

int main(int argc, char** argv) { return beeflow::Main(argc, argv); }
