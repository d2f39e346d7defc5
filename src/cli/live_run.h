// dags test: one run from its making to its end, with what its tasks log.
#pragma once

#include <functional>
#include <string>

#include "cli/session.h"

namespace beeflow {

struct LiveRun {
  RunKey key;
  // Makes the run, once the DAG is imported as its file is now.
  std::function<Status()> begin;
};

// Carries the run out, by the running server or by an engine of this process, and tells on stdout
// what happens. Fails unless the run succeeds. Where the user interrupts, the run is marked failed
// and its tasks are ended.
Status CarryOutLive(Session& session, const LiveRun& run);

}  // namespace beeflow
