#include "worker/attempt_usage.h"

namespace beeflow {
namespace {

template <typename T>
void Put(const char* key, const std::optional<T>& value, Json* json) {
  if (value) (*json)[key] = *value;
}

std::optional<double> NumberAt(const Json& json, const char* key) {
  const auto it = json.find(key);
  return it != json.end() && it->is_number() ? std::optional(it->get<double>()) : std::nullopt;
}

std::optional<int64_t> IntegerAt(const Json& json, const char* key) {
  const auto it = json.find(key);
  return it != json.end() && it->is_number_integer() ? std::optional(it->get<int64_t>())
                                                     : std::nullopt;
}

}  // namespace

Json AttemptUsageToJson(const AttemptUsage& usage) {
  Json json = Json::object();
  if (!usage.start_type.empty()) json["start_type"] = usage.start_type;
  if (!usage.environment.empty()) json["environment"] = usage.environment;
  Put("queue_seconds", usage.queue_seconds, &json);
  Put("start_seconds", usage.start_seconds, &json);
  Put("cpu_seconds", usage.cpu_seconds, &json);
  Put("memory_bytes", usage.memory_bytes, &json);
  Put("exit_code", usage.exit_code, &json);
  Put("exit_signal", usage.exit_signal, &json);
  return json;
}

AttemptUsage AttemptUsageFromJson(const Json& json) {
  AttemptUsage usage;
  if (!json.is_object()) return usage;
  const auto text = [&json](const char* key) {
    const auto it = json.find(key);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
  };
  usage.start_type = text("start_type");
  usage.environment = text("environment");
  usage.queue_seconds = NumberAt(json, "queue_seconds");
  usage.start_seconds = NumberAt(json, "start_seconds");
  usage.cpu_seconds = NumberAt(json, "cpu_seconds");
  usage.memory_bytes = IntegerAt(json, "memory_bytes");
  usage.exit_code = IntegerAt(json, "exit_code");
  usage.exit_signal = IntegerAt(json, "exit_signal");
  return usage;
}

}  // namespace beeflow
