#include "script.h"

#include <charconv>
#include <cmath>
#include <fstream>

namespace beeflow::scenario {
namespace {

constexpr std::string_view kSpaces = " \t\r";

// Splits at spaces; quotes of either kind keep what they enclose together and are dropped.
Result<std::vector<std::string>> SplitWords(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (const char c : text) {
    const bool space = kSpaces.find(c) != std::string_view::npos;
    if (quote == '\0' && c == '#' && !in_word) break;
    if (quote == '\0' && space) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = '\0';
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0') return Invalid(std::string("a ") + quote + " is not closed");
  return words;
}

std::string Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kSpaces) - first + 1));
}

bool IsOptionName(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz_0123456789";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

Result<Script> ReadScript(const std::string& path) {
  std::ifstream in(path);
  if (!in) return NotFound(path + ": cannot be read");
  Script script{path, {}};
  std::string text;
  for (int number = 1; std::getline(in, text); ++number) {
    auto words = SplitWords(text);
    if (!words.ok()) {
      return Invalid(path + ":" + std::to_string(number) + ": " + words.error().message);
    }
    if (words->empty()) continue;
    if ((*words)[0] == "scenario") {
      words->erase(words->begin());
      script.scenarios.push_back({Join(*words), number, {}});
      continue;
    }
    if (script.scenarios.empty()) {
      return Invalid(path + ":" + std::to_string(number) +
                     ": the first line must be: scenario NAME");
    }
    const bool indented = kSpaces.find(text[0]) != std::string_view::npos;
    script.scenarios.back().lines.push_back({number, indented, std::move(*words), Trimmed(text)});
  }
  if (script.scenarios.empty()) return Invalid(path + ": has no scenario");
  return script;
}

Arguments::Arguments(const std::vector<std::string>& words, size_t first) {
  for (size_t i = first; i < words.size(); ++i) {
    const size_t sign = words[i].find('=');
    if (sign != std::string::npos && IsOptionName(std::string_view(words[i]).substr(0, sign))) {
      options_[words[i].substr(0, sign)] = words[i].substr(sign + 1);
    } else {
      plain_.push_back(words[i]);
    }
  }
}

bool Arguments::TakeFlag(const std::string& flag) { return std::erase(plain_, flag) > 0; }

std::optional<std::string> Arguments::Take(const std::string& name) {
  const auto it = options_.find(name);
  if (it == options_.end()) return std::nullopt;
  std::string value = std::move(it->second);
  options_.erase(it);
  return value;
}

Status Arguments::CheckAllTaken() const {
  if (options_.empty()) return Ok();
  return Invalid("unknown option '" + options_.begin()->first + "'");
}

std::optional<Duration> ParseDuration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  constexpr std::string_view kUnits = "smhd";
  constexpr double kSeconds[] = {1, 60, 3600, 86400};
  double factor = 1;
  if (const size_t unit = kUnits.find(text.back()); unit != std::string_view::npos) {
    factor = kSeconds[unit];
    text.remove_suffix(1);
  }
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return Duration(static_cast<Duration::rep>(std::llround(number * factor * 1e6)));
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string> SplitAt(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string Join(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const std::string& word : words) {
    if (&word != &words.front()) out += between;
    out += word;
  }
  return out;
}

}  // namespace beeflow::scenario
