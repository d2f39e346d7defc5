// An engine inside a CLI command, for what has to be carried out while no server runs.
#pragma once

#include <optional>
#include <string>

#include "cli/environment.h"

namespace beeflow {

// Imports the DAG folder, or the files that may define one DAG, and commits the result.
Status RefreshDags(const Config& config, const std::optional<std::string>& dag_id);
// Carries out runs until request.done() says so.
Status RunInProcess(const Config& config, const EngineRequest& request);

}  // namespace beeflow
