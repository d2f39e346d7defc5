// Ends a worker whose control process is gone for good, and all that it runs.
#pragma once

#include <string>

#include "base/result.h"

namespace beeflow {

// Returns when the lock is free; at once where nobody holds it. kUnavailable where it is held for
// too long.
Status EndWorker(const std::string& lock_path);

}  // namespace beeflow
