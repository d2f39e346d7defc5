// How much one attempt may use, and what it may see, as control sends it
// (docs/formats/attempt-channel.md) and the task's executor_config changes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "os/control_groups.h"
#include "worker/sandbox.h"

namespace beeflow {

struct AttemptLimits {
  std::optional<int64_t> memory_mb = 512;          // absent: no limit
  double cpu_share = 0;                            // of one core; 0: that of the memory
  bool cpu_quota = false;                          // the share is not exceeded on idle machines
  std::optional<Duration> timeout = Seconds(900);  // of the attempt; absent: no limit
  std::optional<int64_t> max_concurrency;          // attempts of the queue at a time
  std::optional<Duration> keep_alive;              // of the environment, when it idles
  // The user asked for a memory limit or CPU share of his own: worth the time that a control group
  // takes.
  bool is_explicit = false;
  std::optional<SandboxPolicy> sandbox;  // absent: none

  // As on AWS, a core goes with 1536 MB.
  double CpuShare() const;
  // What a control group enforces; absent where none is worth its time.
  std::optional<GroupLimits> ForGroup() const;
};

// Reads `limits` of an attempt message; what it lacks has the defaults above.
AttemptLimits ReadAttemptLimits(const Json& limits, JsonReader* errors);
// Says only what differs from them.
Json AttemptLimitsToJson(const AttemptLimits& limits);

// What to do about a limit that is too low: "raise it in ..., ".
std::string HowToRaise(const std::string& setting);

// Applies a task's executor_config (null: none). Returns the keys that mean nothing here, such as
// those of other executors; a value that cannot be is told to `errors`.
std::vector<std::string> ApplyExecutorConfig(const Json& executor_config, AttemptLimits* limits,
                                             JsonReader* errors);

}  // namespace beeflow
