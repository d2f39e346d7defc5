// The provider packages that DAG files can use: those that come with Beeflow, and those that are
// installed for the interpreter of tasks.
#pragma once

#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "ports/provider_info.h"

namespace beeflow {

// By name. Reads what the installer wrote beside the packages; no Python runs.
Result<std::vector<ProviderInfo>> ListProviders(const Config& config);

}  // namespace beeflow
