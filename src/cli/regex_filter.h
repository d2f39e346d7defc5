// Regular expressions that people type, without exceptions.
#pragma once

#include <regex>
#include <string>

#include "base/result.h"

namespace beeflow {

// ECMAScript syntax. The error names `option`.
Result<std::regex> CompileRegex(const std::string& option, const std::string& pattern);

}  // namespace beeflow
