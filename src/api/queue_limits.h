// What the settings allow the attempts of a queue, for people to see.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace beeflow {

struct QueueLimits {
  std::string queue;  // "*": all that have no settings of their own
  int64_t max_concurrency = 0;
  std::optional<int64_t> memory_mb;       // absent: no limit
  double cpu_share = 0;                   // of one core
  std::optional<double> timeout_seconds;  // absent: no limit
  double keep_alive_seconds = 0;
  std::string sandbox;  // "none", "auto" or "bubblewrap"
};

}  // namespace beeflow
