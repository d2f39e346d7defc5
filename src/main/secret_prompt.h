// Asking for a password at the terminal.
#pragma once

#include <string>

#include "base/result.h"

namespace beeflow {

// Reads a line of which the terminal shows nothing. kInvalid where standard input is no terminal or
// has ended.
Result<std::string> AskSecret(const std::string& question);

}  // namespace beeflow
