#include "base/json.h"

#include <cmath>

namespace beeflow {
namespace {

const Json kNull;

// Copying and writing JSON calls itself for each level; Python's own reader gives up near this too.
constexpr int kDepthMax = 1000;

bool IsTooDeep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kDepthMax) return true;
  }
  return false;
}

}  // namespace

Result<Json> ParseJson(std::string_view text) {
  if (IsTooDeep(text)) {
    return Invalid("not valid JSON: it is nested more than " + std::to_string(kDepthMax) +
                   " levels deep");
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::exception& e) {
    return Invalid(std::string("not valid JSON: ") + e.what());
  }
}

std::string DumpJson(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

JsonReader::JsonReader(const Json& object, std::string what)
    : object_(object), what_(std::move(what)) {
  if (!object.is_object()) Fail("is not an object");
}

const Json* JsonReader::Find(const char* key) const {
  if (!object_.is_object()) return nullptr;
  const auto it = object_.find(key);
  return it == object_.end() || it->is_null() ? nullptr : &*it;
}

void JsonReader::Fail(const std::string& message) {
  if (status_.ok()) status_ = Invalid(what_ + ": " + message);
}

const Json& JsonReader::Raw(const char* key) const {
  const Json* value = Find(key);
  return value ? *value : kNull;
}

std::optional<std::string> JsonReader::OptionalString(const char* key) {
  const Json* value = Find(key);
  if (!value) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  Fail(std::string(key) + " must be a string");
  return std::nullopt;
}

std::string JsonReader::String(const char* key, std::string fallback) {
  return OptionalString(key).value_or(std::move(fallback));
}

std::optional<int64_t> JsonReader::OptionalInteger(const char* key, int64_t min, int64_t max) {
  const Json* value = Find(key);
  if (!value) return std::nullopt;
  if (!value->is_number_integer()) {
    Fail(std::string(key) + " must be a whole number");
    return std::nullopt;
  }
  const auto number = value->get<int64_t>();
  if (number < min || number > max) {
    Fail(std::string(key) + " is " + std::to_string(number) + "; it must be from " +
         std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return number;
}

int64_t JsonReader::Integer(const char* key, int64_t fallback, int64_t min, int64_t max) {
  return OptionalInteger(key, min, max).value_or(fallback);
}

std::optional<bool> JsonReader::OptionalBoolean(const char* key) {
  const Json* value = Find(key);
  if (!value) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  Fail(std::string(key) + " must be true or false");
  return std::nullopt;
}

bool JsonReader::Boolean(const char* key, bool fallback) {
  return OptionalBoolean(key).value_or(fallback);
}

std::optional<Duration> JsonReader::OptionalSeconds(const char* key) {
  const Json* value = Find(key);
  if (!value) return std::nullopt;
  const double limit = 1e10;  // About 317 years; keeps sums of times far from overflow.
  if (value->is_number()) {
    const auto seconds = value->get<double>();
    if (std::isfinite(seconds) && seconds >= 0 && seconds <= limit) return Seconds(seconds);
  }
  Fail(std::string(key) + " must be a number of seconds, not negative");
  return std::nullopt;
}

std::optional<Time> JsonReader::OptionalTime(const char* key) {
  const auto text = OptionalString(key);
  if (!text) return std::nullopt;
  auto time = ParseTime(*text);
  if (time.ok()) return *time;
  Fail(std::string(key) + ": " + time.error().message);
  return std::nullopt;
}

std::vector<std::string> JsonReader::Strings(const char* key) {
  std::vector<std::string> out;
  const Json* value = Find(key);
  if (!value) return out;
  if (!value->is_array()) {
    Fail(std::string(key) + " must be a list of strings");
    return out;
  }
  for (const Json& item : *value) {
    if (!item.is_string()) {
      Fail(std::string(key) + " must be a list of strings");
      return out;
    }
    out.push_back(item.get<std::string>());
  }
  return out;
}

}  // namespace beeflow
