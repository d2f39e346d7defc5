// An engine inside a CLI command, for what has to be carried out while no server runs.
#pragma once

#include "cli/environment.h"

namespace beeflow {

// Imports the DAG folder and commits the result.
Status RefreshDags(const Config& config);
// Carries out runs until request.done() says so.
Status RunInProcess(const Config& config, const EngineRequest& request);
// Runs one task without recording anything; its output goes to stdout.
Status TestTask(const Config& config, const TaskTest& test);

}  // namespace beeflow
