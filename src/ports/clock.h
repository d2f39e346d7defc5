// The wall clock, as a port: the real one is os/, the simulator's is virtual.
#pragma once

#include "base/time.h"

namespace beeflow {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time Now() = 0;
};

}  // namespace beeflow
