#include "scheduler/retry.h"

#include <algorithm>
#include <cstdint>

namespace beeflow {
namespace {

// FNV-1a; only has to spread.
uint64_t Hash(std::string_view text, int try_number) {
  uint64_t hash = 0xcbf29ce484222325u + static_cast<uint64_t>(try_number);
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash ^ (hash >> 29);
}

}  // namespace

Duration RetryDelay(const Task& task, std::string_view identity, int try_number) {
  if (!task.retry_exponential_backoff) return task.retry_delay;
  const Duration day = std::chrono::hours(24);
  const Duration limit = std::min(day, task.max_retry_delay.value_or(day));
  Duration delay = std::max<Duration>(task.retry_delay, std::chrono::seconds(1));
  for (int i = 1; i < try_number && delay < limit; ++i) delay *= 2;
  delay += Duration(static_cast<Duration::rep>(Hash(identity, try_number) %
                                               static_cast<uint64_t>(delay.count())));
  return std::min(delay, limit);
}

}  // namespace beeflow
