// Letting time pass, as a port: the real one blocks the thread, a test only counts.
#pragma once

#include "base/time.h"

namespace beeflow {

class Pause {
 public:
  virtual ~Pause() = default;
  // Returns after `span`.
  virtual void For(Duration span) = 0;
};

}  // namespace beeflow
