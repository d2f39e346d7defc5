// Whether the task instances upstream let one of a run's task instances run.
#pragma once

#include "scheduler/run.h"
#include "scheduler/trigger_rule.h"

namespace beeflow {

// By its trigger rule, and by the setups that it needs.
Verdict VerdictOn(const Run& run, SlotIndex slot);

}  // namespace beeflow
