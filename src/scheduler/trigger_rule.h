// Trigger rules, decided from counts alone, so that the end of a task costs its successors O(1)
// each. Semantics: Airflow 2.9, "Trigger Rules" and TriggerRuleDep.
#pragma once

#include <cstdint>

#include "dag/dag.h"
#include "scheduler/records.h"

namespace beeflow {

// How many direct upstream tasks there are, and how many of their instances ended in which state.
// As in Airflow, a task that takes no part in the run is one that never ends.
struct UpstreamCounts {
  uint32_t total = 0;
  uint32_t success = 0;
  uint32_t failed = 0;
  uint32_t skipped = 0;
  uint32_t upstream_failed = 0;
  uint32_t removed = 0;

  uint32_t done() const { return success + failed + skipped + upstream_failed + removed; }
  // Adds `by` to the count of a finished state; other states count for nothing.
  void Add(TaskState state, int by);
};

enum class Verdict : uint8_t { kWait, kRun, kSkip, kUpstreamFailed };

Verdict Evaluate(TriggerRule rule, const UpstreamCounts& upstream);

}  // namespace beeflow
