#include "cli/remote_verbs.h"

#include <set>
#include <string_view>

namespace beeflow {
namespace {

const std::set<std::string_view> kAnywhere = {
    "backfill create",    "backfill list",       "backfill pause",
    "backfill unpause",   "backfill cancel",     "connections add",
    "connections delete", "connections get",     "connections import",
    "connections list",   "dags delete",         "dags details",
    "dags list",          "dags list-runs",      "dags list-import-errors",
    "dags pause",         "dags next-execution", "dags show",
    "dags state",         "dags trigger",        "dags unpause",
    "pools delete",       "pools export",        "pools get",
    "pools import",       "pools list",          "pools set",
    "tasks clear",        "tasks list",          "tasks logs",
    "tasks state",        "variables delete",    "tasks states-for-dag-run",
    "variables export",   "variables get",       "variables import",
    "variables list",     "variables set",
};

// The first words of verbs that are about no server: what they do concerns this machine alone.
const std::set<std::string_view> kAboutNone = {"config",  "demo",       "lab",    "worker",
                                               "version", "standalone", "control"};

std::string ValueOf(const Variables& variables, const char* name) {
  const auto it = variables.find(name);
  return it == variables.end() ? std::string() : it->second;
}

}  // namespace

void AddRemoteOptions(CLI::App* app, RemoteOptions* options) {
  app->add_option("--server", options->server,
                  "A server elsewhere that the command is about, such as https://host:8080; "
                  "BEEFLOW_SERVER says it too")
      ->type_name("URL");
  app->add_option("--token", options->token,
                  "API token for that server; better in BEEFLOW_TOKEN, where nobody else sees it")
      ->type_name("TOKEN");
}

Status ConnectIfRemote(const RemoteOptions& options, const std::string& typed, Session* session) {
  const Variables& variables = session->environment().variables;
  const std::string url =
      options.server.empty() ? ValueOf(variables, "BEEFLOW_SERVER") : options.server;
  if (url.empty()) return Ok();
  const std::string verb = typed.substr(std::min(typed.find(' ') + 1, typed.size()));
  if (!kAnywhere.contains(verb)) {
    const std::string_view first = std::string_view(verb).substr(0, verb.find(' '));
    if (options.server.empty() && kAboutNone.contains(first)) return Ok();
    return Invalid("'" + typed +
                   "' works only on the server's own machine; run it there, without " +
                   (options.server.empty() ? "BEEFLOW_SERVER" : "--server"));
  }
  const std::string token =
      options.token.empty() ? ValueOf(variables, "BEEFLOW_TOKEN") : options.token;
  return session->ConnectTo(url, token);
}

}  // namespace beeflow
