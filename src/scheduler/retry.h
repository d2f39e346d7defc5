// When a failed try is tried again.
#pragma once

#include <string_view>

#include "base/time.h"
#include "dag/dag.h"

namespace beeflow {

// The time from the end of try `try_number` (from 1) to the next one: retry_delay, or, with
// exponential backoff, retry_delay * 2^(try - 1) stretched by up to 100 % so that tasks that failed
// together do not come back together; at most max_retry_delay, and never more than a day with
// backoff. The stretch is a function of the task instance (`identity`) and the try, not of chance.
Duration RetryDelay(const Task& task, std::string_view identity, int try_number);

}  // namespace beeflow
