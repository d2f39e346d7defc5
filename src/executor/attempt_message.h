// The engine's values as messages of the attempt channel, and back.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "ports/dag_code.h"
#include "scheduler/attempt.h"
#include "scheduler/dag_code.h"
#include "scheduler/report.h"
#include "scheduler/transition.h"
#include "worker/attempt_limits.h"

namespace beeflow {

// The attempt's fields in docs/formats/environment-protocol.md, and `owner`.
Json AttemptToJson(const Attempt& attempt, const AttemptLimits& limits);

// Reads a `report` message. What it does not hold (run, task, map index) is left for the caller.
Result<Report> ReportFromJson(const Json& message);

// The requests of docs/formats/environment-protocol.md that ask the author's code.
Json NextRunRequest(const TimetableQuestion& question);
Result<std::optional<NextRun>> NextRunFromJson(const Json& answer);
Json ManualIntervalRequest(const ManualIntervalQuestion& question);
Result<DataInterval> IntervalFromJson(const Json& answer);
Json CallbackRequest(const DagCallback& callback);
// Of the answer to a callback for missed SLAs.
NoteSlaTold SlaToldFromJson(const RunKey& run, const std::vector<std::string>& late,
                            const Json& answer);

}  // namespace beeflow
