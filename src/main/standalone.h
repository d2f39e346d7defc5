// `beeflow standalone`: engine and HTTP server, until a signal ends them.
#pragma once

#include "config/config.h"

namespace beeflow {

// Returns the exit code.
int RunStandalone(const Config& config);

}  // namespace beeflow
