// `beeflow standalone`: engine and HTTP server, until a signal, or the end of input, ends them.
#pragma once

#include "config/config.h"

namespace beeflow {

// With `until_eof` it ends when standard input does, and the worker with all tasks too: for a
// program that starts it and must not leave it behind, however it ends itself. Returns the exit
// code.
int RunStandalone(const Config& config, bool until_eof);

}  // namespace beeflow
