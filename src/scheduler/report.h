// What executors tell of an attempt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/records.h"

namespace beeflow {

enum class Outcome : uint8_t {
  kRunning,  // the attempt's process has started
  kSuccess,
  kFailed,  // retried while tries are left
  kFailedWithoutRetry,
  kSkipped,
  kLost,  // the attempt ended without a report: failed or retried, with the reason
};

struct Report {
  AttemptId attempt = 0;
  RunKey run;
  std::string task_id;
  int map_index = -1;
  Outcome outcome = Outcome::kRunning;
  std::optional<Time> start_date;
  std::optional<Time> end_date;  // present where the attempt ended
  std::string hostname;
  int64_t pid = 0;
  std::string reason;                                      // one line for people
  std::vector<std::pair<std::string, std::string>> xcoms;  // key, JSON text
  std::optional<int64_t> map_length;                       // items of the returned value
  std::vector<std::string> skip_tasks;  // of the same run (branches, short circuits)
};

}  // namespace beeflow
