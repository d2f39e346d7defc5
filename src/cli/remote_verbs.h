// --server: which verbs can be about a server elsewhere.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/session.h"

namespace beeflow {

struct RemoteOptions {
  std::string server;  // "": as BEEFLOW_SERVER says
  std::string token;   // "": as BEEFLOW_TOKEN says
};

void AddRemoteOptions(CLI::App* app, RemoteOptions* options);

// Makes the session one about the server that the options or the environment name, if any. kInvalid
// for a verb that works only here; those that are about no server at all take no notice of
// BEEFLOW_SERVER. `typed` is the verb with the program before it: "beeflow dags list".
Status ConnectIfRemote(const RemoteOptions& options, const std::string& typed, Session* session);

}  // namespace beeflow
