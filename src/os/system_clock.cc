#include "os/system_clock.h"

#include <chrono>

namespace beeflow {

Time SystemClock::Now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

}  // namespace beeflow
