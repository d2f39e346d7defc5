// Reading JSON from outside: parse without exceptions, and typed access whose failures name the
// field. A field that is absent or null yields the default.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace beeflow {

using Json = nlohmann::json;

Result<Json> ParseJson(std::string_view text);  // at most 1000 levels deep

// Serializes; invalid UTF-8 is replaced by U+FFFD instead of failing.
std::string DumpJson(const Json& json);

// Reads the fields of one JSON object and remembers the first failure, so that a reader can list
// all fields and check once at the end.
class JsonReader {
 public:
  // `what` names the object in messages ("dag example, task extract").
  JsonReader(const Json& object, std::string what);

  std::string String(const char* key, std::string fallback = "");
  std::optional<std::string> OptionalString(const char* key);
  int64_t Integer(const char* key, int64_t fallback, int64_t min, int64_t max);
  std::optional<int64_t> OptionalInteger(const char* key, int64_t min, int64_t max);
  bool Boolean(const char* key, bool fallback);
  std::optional<bool> OptionalBoolean(const char* key);
  std::optional<Duration> OptionalSeconds(const char* key);  // a number, not negative
  std::optional<Time> OptionalTime(const char* key);
  std::vector<std::string> Strings(const char* key);
  // The raw value, or null where absent.
  const Json& Raw(const char* key) const;

  void Fail(const std::string& message);
  Status status() const { return status_; }

 private:
  const Json* Find(const char* key) const;

  const Json& object_;
  std::string what_;
  Status status_;
};

}  // namespace beeflow
