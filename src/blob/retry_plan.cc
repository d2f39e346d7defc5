#include "blob/retry_plan.h"

#include <algorithm>

namespace beeflow {

Duration RetryPlan::PauseAfter(int attempt, Random* random) const {
  Duration pause = first_pause;
  for (int i = 1; i < attempt && pause < pause_max; ++i) pause *= 2;
  pause = std::min(pause, pause_max);
  const auto half = static_cast<uint64_t>(pause.count() / 2);
  return Duration(pause.count() - static_cast<Duration::rep>(random->Below(half + 1)));
}

}  // namespace beeflow
