#include "worker/attempt_limits.h"

#include <fmt/format.h>

namespace beeflow {
namespace {

constexpr double kMegabytesPerCore = 1536;
constexpr int64_t kMegabytesMax = 1 << 30;
constexpr double kCoresMax = 4096;
constexpr double kSecondsMax = 1e9;

// A number from 0 to `max` under that key; absent where there is none, with the failure told.
std::optional<double> NumberAt(const Json& object, const char* key, double max,
                               JsonReader* errors) {
  const auto it = object.find(key);
  if (it == object.end() || it->is_null()) return std::nullopt;
  if (it->is_number() && it->get<double>() >= 0 && it->get<double>() <= max) {
    return it->get<double>();
  }
  errors->Fail(fmt::format("{} is {}; write a number from 0 to {}", key, DumpJson(*it), max));
  return std::nullopt;
}

std::optional<Duration> SpanOf(double seconds) {
  return seconds > 0 ? std::optional<Duration>(Seconds(seconds)) : std::nullopt;
}

std::optional<int64_t> CountOf(double count) {
  return count >= 1 ? std::optional<int64_t>(static_cast<int64_t>(count)) : std::nullopt;
}

// What both the message and executor_config may say. True where memory or CPU were among it.
bool ReadShared(const Json& object, AttemptLimits* limits, JsonReader* errors) {
  const auto memory = NumberAt(object, "memory_mb", kMegabytesMax, errors);
  const auto share = NumberAt(object, "cpu_share", kCoresMax, errors);
  const auto timeout = NumberAt(object, "timeout_seconds", kSecondsMax, errors);
  if (memory) limits->memory_mb = CountOf(*memory);
  if (share) limits->cpu_share = *share;
  if (timeout) limits->timeout = SpanOf(*timeout);
  const auto quota = object.find("cpu_quota");
  if (quota != object.end() && quota->is_boolean()) limits->cpu_quota = quota->get<bool>();
  return memory || share || (quota != object.end() && limits->cpu_quota);
}

bool IsKnown(const std::string& key) {
  return key == "memory_mb" || key == "cpu_share" || key == "cpu_quota" || key == "timeout_seconds";
}

}  // namespace

double AttemptLimits::CpuShare() const {
  if (cpu_share > 0) return cpu_share;
  return memory_mb ? static_cast<double>(*memory_mb) / kMegabytesPerCore : 1;
}

std::optional<GroupLimits> AttemptLimits::ForGroup() const {
  if (!is_explicit) return std::nullopt;
  return GroupLimits{memory_mb.value_or(0) << 20, CpuShare(), cpu_quota};
}

AttemptLimits ReadAttemptLimits(const Json& limits, JsonReader* errors) {
  AttemptLimits result;
  if (!limits.is_object()) return result;
  ReadShared(limits, &result, errors);
  if (const auto count = NumberAt(limits, "max_concurrency", kSecondsMax, errors)) {
    result.max_concurrency = CountOf(*count);
  }
  if (const auto span = NumberAt(limits, "keep_alive_seconds", kSecondsMax, errors)) {
    result.keep_alive = Seconds(*span);
  }
  result.is_explicit = limits.value("explicit", Json()) == true;
  if (const auto it = limits.find("sandbox"); it != limits.end() && it->is_object()) {
    result.sandbox = ReadSandboxPolicy(*it);
  }
  return result;
}

Json AttemptLimitsToJson(const AttemptLimits& limits) {
  const AttemptLimits usual;
  Json json = Json::object();
  if (limits.memory_mb != usual.memory_mb) json["memory_mb"] = limits.memory_mb.value_or(0);
  if (limits.cpu_share != usual.cpu_share) json["cpu_share"] = limits.cpu_share;
  if (limits.cpu_quota) json["cpu_quota"] = true;
  if (limits.timeout != usual.timeout) {
    json["timeout_seconds"] = limits.timeout ? ToSeconds(*limits.timeout) : 0;
  }
  if (limits.is_explicit) json["explicit"] = true;
  if (limits.max_concurrency) json["max_concurrency"] = *limits.max_concurrency;
  if (limits.sandbox) json["sandbox"] = SandboxPolicyToJson(*limits.sandbox);
  if (limits.keep_alive) json["keep_alive_seconds"] = ToSeconds(*limits.keep_alive);
  return json;
}

std::string HowToRaise(const std::string& setting) {
  return fmt::format(
      "raise it by executor_config={{\"{0}\": ...}} of the task, or by {0} in section "
      "[worker:QUEUE] or [worker] of beeflow.cfg (0: no limit)",
      setting);
}

std::vector<std::string> ApplyExecutorConfig(const Json& executor_config, AttemptLimits* limits,
                                             JsonReader* errors) {
  std::vector<std::string> foreign;
  if (!executor_config.is_object()) return foreign;
  if (ReadShared(executor_config, limits, errors)) limits->is_explicit = true;
  for (const auto& [key, value] : executor_config.items()) {
    if (!IsKnown(key)) foreign.push_back(key);
  }
  return foreign;
}

}  // namespace beeflow
