// What an attempt took, as a message: `usage` in docs/formats/attempt-channel.md.
#pragma once

#include "base/json.h"
#include "scheduler/report.h"

namespace beeflow {

// Leaves out what is not known.
Json AttemptUsageToJson(const AttemptUsage& usage);
// Anything that cannot be read counts as not known.
AttemptUsage AttemptUsageFromJson(const Json& json);

}  // namespace beeflow
