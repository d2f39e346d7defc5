// Waiting, without polling, for another process to change the database or a file.
#pragma once

#include <memory>
#include <string>

#include "cli/environment.h"

namespace beeflow {

Result<std::unique_ptr<ChangeWatch>> WatchDatabase(const Config& config, const std::string& path);

}  // namespace beeflow
