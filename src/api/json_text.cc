#include "api/json_text.h"

#include <algorithm>
#include <utility>

#include "base/json.h"

namespace beeflow {
namespace {

bool IsPlain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

}  // namespace

void JsonText::Separate() {
  if (text_.empty()) return;
  const char last = text_.back();
  if (last != '{' && last != '[' && last != ':') text_ += ',';
}

JsonText& JsonText::Begin(char bracket) {
  Separate();
  text_ += bracket;
  return *this;
}

JsonText& JsonText::End(char bracket) {
  text_ += bracket;
  return *this;
}

JsonText& JsonText::Key(std::string_view name) {
  Add(name);
  text_ += ':';
  return *this;
}

JsonText& JsonText::Raw(std::string_view json) {
  Separate();
  text_ += json;
  return *this;
}

JsonText& JsonText::Add(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), IsPlain)) return Raw(DumpJson(Json(text)));
  Separate();
  text_ += '"';
  text_ += text;
  text_ += '"';
  return *this;
}

JsonText& JsonText::Add(const std::optional<Time>& time) {
  return time ? Add(FormatIso(*time)) : Raw("null");
}

}  // namespace beeflow
