#include "scheduler/records.h"

#include <array>
#include <charconv>

namespace beeflow {
namespace {

constexpr std::array<std::string_view, 13> kTaskStates = {"",
                                                          "removed",
                                                          "scheduled",
                                                          "queued",
                                                          "running",
                                                          "success",
                                                          "restarting",
                                                          "failed",
                                                          "up_for_retry",
                                                          "up_for_reschedule",
                                                          "upstream_failed",
                                                          "skipped",
                                                          "deferred"};
constexpr std::array<std::string_view, 4> kRunStates = {"queued", "running", "success", "failed"};
constexpr std::array<std::string_view, 4> kRunTypes = {"scheduled", "manual", "backfill",
                                                       "dataset_triggered"};

template <typename Enum, size_t n>
std::optional<Enum> Parse(const std::array<std::string_view, n>& names, std::string_view name) {
  for (size_t i = 0; i < n; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view ToString(TaskState state) { return kTaskStates[static_cast<size_t>(state)]; }
std::string_view ToString(RunState state) { return kRunStates[static_cast<size_t>(state)]; }
std::string_view ToString(RunType type) { return kRunTypes[static_cast<size_t>(type)]; }

std::optional<TaskState> ParseTaskState(std::string_view name) {
  return Parse<TaskState>(kTaskStates, name);
}
std::optional<RunState> ParseRunState(std::string_view name) {
  return Parse<RunState>(kRunStates, name);
}
std::optional<RunType> ParseRunType(std::string_view name) {
  return Parse<RunType>(kRunTypes, name);
}

bool IsFinished(TaskState state) {
  switch (state) {
    case TaskState::kSuccess:
    case TaskState::kFailed:
    case TaskState::kSkipped:
    case TaskState::kUpstreamFailed:
    case TaskState::kRemoved:
      return true;
    default:
      return false;
  }
}

bool HoldsSlot(TaskState state) {
  return state == TaskState::kQueued || state == TaskState::kRunning ||
         state == TaskState::kRestarting;
}

std::string FormatAttemptId(AttemptId id) {
  std::string out(16, '0');
  for (size_t i = 16; i-- > 0; id >>= 4) out[i] = "0123456789abcdef"[id & 15];
  return out;
}

std::optional<AttemptId> ParseAttemptId(std::string_view text) {
  AttemptId id = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, id, 16);
  if (text.size() != 16 || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return id;
}

}  // namespace beeflow
