// Whether the task instances upstream let one of a run's task instances run.
#pragma once

#include "scheduler/run.h"
#include "scheduler/trigger_rule.h"

namespace beeflow {

// By its trigger rule; for a teardown, by its setups too.
Verdict VerdictOn(const Run& run, SlotIndex slot);

}  // namespace beeflow
