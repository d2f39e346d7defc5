// The real wall clock.
#pragma once

#include "ports/clock.h"

namespace beeflow {

class SystemClock : public Clock {
 public:
  Time Now() override;
};

}  // namespace beeflow
