// The command line: Airflow's words over the metadata database. Commands work with and without a
// server, since every edit is a committed change that a server learns of through the change feed.
#pragma once

#include "cli/environment.h"

namespace beeflow {

// Runs one command. Returns the exit code: 0, 1 where the command failed, 2 where the command line
// itself was wrong. Messages for people go to `err`, results to `out`.
int RunCli(int argc, const char* const* argv, CliEnvironment& environment);

}  // namespace beeflow
