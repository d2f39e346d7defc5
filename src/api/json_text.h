// JSON that is written as text at once, for answers so long that most of their time would go into a
// tree of values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace beeflow {

// Brackets must match, and keys stand in objects only: nobody checks it. Commas come by themselves.
class JsonText {
 public:
  JsonText& Begin(char bracket);  // '{' or '['
  JsonText& End(char bracket);
  JsonText& Key(std::string_view name);

  JsonText& Add(std::string_view text);  // broken UTF-8 as DumpJson writes it
  JsonText& Add(const char* text) { return Add(std::string_view(text)); }
  JsonText& Add(const std::string& text) { return Add(std::string_view(text)); }
  JsonText& Add(bool value) { return Raw(value ? "true" : "false"); }
  JsonText& Add(int64_t number) { return Raw(std::to_string(number)); }
  JsonText& Add(const std::optional<Time>& time);  // ISO 8601, or null

  // A member of an object.
  template <typename Value>
  JsonText& Field(std::string_view name, const Value& value) {
    return Key(name).Add(value);
  }
  template <typename Values>
  JsonText& List(std::string_view name, const Values& values) {
    Key(name).Begin('[');
    for (const auto& value : values) Add(value);
    return End(']');
  }

  std::string Take() { return std::move(text_); }

 private:
  JsonText& Raw(std::string_view json);
  void Separate();

  std::string text_;
};

}  // namespace beeflow
