#include "api/query_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace beeflow {
namespace {

size_t CountCharacters(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

void QueryReader::Fail(const std::string& name, const std::string& message) {
  if (status_.ok()) status_ = Invalid("query parameter " + name + ": " + message);
}

std::optional<std::string> QueryReader::Text(const std::string& name) {
  known_.insert(name);
  return request_.Query(name);
}

int64_t QueryReader::Integer(const std::string& name, int64_t fallback, int64_t min, int64_t max) {
  const auto text = Text(name);
  if (!text) return fallback;
  int64_t number = 0;
  const char* const last = text->data() + text->size();
  const auto read = std::from_chars(text->data(), last, number);
  if (read.ec == std::errc() && read.ptr == last && number >= min && number <= max) return number;
  Fail(name, "'" + *text + "' is not a whole number from " + std::to_string(min) + " to " +
                 std::to_string(max));
  return fallback;
}

int64_t QueryReader::Limit() {
  constexpr int64_t kMost = 1000;
  constexpr int64_t kUsual = 100;
  const int64_t limit = Integer("limit", kUsual, 0, INT32_MAX);
  return limit == 0 ? kUsual : std::min(kMost, limit);  // as Airflow takes a 0
}

int64_t QueryReader::Offset() { return Integer("offset", 0, 0, INT32_MAX); }

std::optional<bool> QueryReader::Boolean(const std::string& name) {
  const auto text = Text(name);
  if (!text) return std::nullopt;
  if (*text == "true" || *text == "True") return true;
  if (*text == "false" || *text == "False") return false;
  Fail(name, "'" + *text + "' must be true or false");
  return std::nullopt;
}

std::optional<Time> QueryReader::OptionalTime(const std::string& name) {
  auto text = Text(name);
  if (!text) return std::nullopt;
  // A '+' that was sent without its escape arrives as a blank.
  if (const size_t blank = text->rfind(' '); blank != std::string::npos && blank > 10) {
    (*text)[blank] = '+';
  }
  const auto time = ParseTime(*text);
  if (time.ok()) return *time;
  Fail(name, time.error().message);
  return std::nullopt;
}

std::optional<double> QueryReader::Number(const std::string& name) {
  const auto text = Text(name);
  if (!text) return std::nullopt;
  double number = 0;
  const char* const last = text->data() + text->size();
  const auto read = std::from_chars(text->data(), last, number);
  if (read.ec == std::errc() && read.ptr == last && std::isfinite(number)) return number;
  Fail(name, "'" + *text + "' is not a number");
  return std::nullopt;
}

std::vector<std::string> QueryReader::Texts(const std::string& name) {
  known_.insert(name);
  std::vector<std::string> texts;
  const auto [first, last] = request_.query.equal_range(name);
  for (auto it = first; it != last; ++it) {
    std::string_view rest = it->second;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(','), rest.size());
      if (end > 0) texts.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return texts;
}

Status QueryReader::Finish() {
  for (const auto& [name, value] : request_.query) {
    if (known_.count(name) > 0) continue;
    std::string names;
    for (const std::string& known : known_) names += (names.empty() ? "" : ", ") + known;
    Fail(name, "not known here; this operation takes " + (names.empty() ? "none" : names));
  }
  return status_;
}

Result<Json> ReadBody(const HttpRequest& request, std::initializer_list<const char*> fields) {
  auto body = ParseJson(request.body.empty() ? "{}" : request.body);
  if (!body.ok()) return Invalid("the body is " + body.error().message);
  if (!body->is_object()) return Invalid("the body must be a JSON object");
  for (const auto& [name, value] : body->items()) {
    if (std::find(fields.begin(), fields.end(), name) != fields.end()) continue;
    return Invalid("the body has a field '" + name + "' that cannot be set here");
  }
  return body;
}

Result<std::string> ReadNote(const HttpRequest& request) {
  constexpr size_t kLongest = 1000;  // as Airflow's column
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(request, {"note"}));
  JsonReader in(body, "the body");
  const auto note = in.OptionalString("note");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  if (!note) return Invalid("the body lacks note: send {\"note\": \"a text\"}");
  if (CountCharacters(*note) > kLongest) {
    return Invalid("the body: note is longer than " + std::to_string(kLongest) + " characters");
  }
  return *note;
}

Result<int> ReadMapIndex(const std::string& text) {
  constexpr size_t kDigits = 9;
  const bool number = !text.empty() && text.size() <= kDigits &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  if (!number) return NotFound("'" + text.substr(0, kDigits) + "' is not a map index");
  return std::stoi(text);
}

}  // namespace beeflow
