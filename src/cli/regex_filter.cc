#include "cli/regex_filter.h"

namespace beeflow {

Result<std::regex> CompileRegex(const std::string& option, const std::string& pattern) {
  try {
    return std::regex(pattern);
  } catch (const std::regex_error& error) {
    return Invalid(option + ": '" + pattern + "' is not a regular expression: " + error.what());
  }
}

}  // namespace beeflow
