// The engine's values as messages of the attempt channel, and back.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "scheduler/attempt.h"
#include "scheduler/report.h"

namespace beeflow {

// The attempt's fields in docs/formats/environment-protocol.md, and `owner`.
Json AttemptToJson(const Attempt& attempt);

// Reads a `report` message. What it does not hold (run, task, map index) is left for the caller.
Result<Report> ReportFromJson(const Json& message);

}  // namespace beeflow
