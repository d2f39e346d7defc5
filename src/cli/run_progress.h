// Has runs carried out, by the running server or by an engine in this process, and shows how far
// they are until they end.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"

namespace beeflow {

// Fails where the running server would leave the DAG's runs alone because it is paused. To be asked
// before runs are made.
Status CheckRunsWouldStart(Session& session, const DagInfo& dag);

// Returns when all `runs` (of one DAG) have ended. Fails, naming them, where some did not succeed.
Status CarryOut(Session& session, const std::vector<RunRecord>& runs);

}  // namespace beeflow
