// DAG files as they are, imported into a database that is thrown away: for commands that ask what
// files say without making them part of anything.
#pragma once

#include <string>

#include "cli/environment.h"

namespace beeflow {

// `path` is a folder or a file. What cannot be imported is among the errors.
Result<ImportedDags> ImportDags(const std::string& path);

}  // namespace beeflow
