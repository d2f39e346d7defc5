// What a clock on a wall reads, in microseconds. Which moment that is depends on a zone: zone.h.
#pragma once

#include <chrono>

#include "base/time.h"

namespace beeflow {

using LocalTime = std::chrono::local_time<Duration>;

}  // namespace beeflow
