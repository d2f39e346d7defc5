// How often a request is tried, and how long the pauses between the tries are.
#pragma once

#include "base/random.h"
#include "base/time.h"

namespace beeflow {

struct RetryPlan {
  int attempts_max = 5;
  Duration first_pause = Seconds(0.2);  // doubles with every try
  Duration pause_max = Seconds(5);

  // The pause after the given attempt, counted from 1. Half of it is random, so that clients which
  // failed together do not come back together.
  Duration PauseAfter(int attempt, Random* random) const;
};

}  // namespace beeflow
