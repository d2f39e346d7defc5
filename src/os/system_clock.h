// The real clocks.
#pragma once

#include "ports/clock.h"

namespace beeflow {

// The wall clock.
class SystemClock : public Clock {
 public:
  Time Now() override;
};

// The clock that nobody sets, for spans: its times say nothing but how far they are apart.
class SteadyClock : public Clock {
 public:
  Time Now() override;
};

}  // namespace beeflow
