#include "os/system_clock.h"

#include <chrono>

namespace beeflow {

Time SystemClock::Now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

Time SteadyClock::Now() {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return Time(std::chrono::floor<Duration>(since_start));
}

}  // namespace beeflow
