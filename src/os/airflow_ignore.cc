#include "os/airflow_ignore.h"

#include <fmt/format.h>

#include <optional>
#include <regex>

namespace beeflow {
namespace {

constexpr std::string_view kSpace = " \t\r\f\v";

std::string_view TrimRight(std::string_view text) {
  const size_t last = text.find_last_not_of(kSpace);
  return last == std::string_view::npos ? "" : text.substr(0, last + 1);
}

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpace);
  return first == std::string_view::npos ? "" : TrimRight(text.substr(first));
}

// Appends the regular expression of the bracket expression at `at`, just behind '['; returns the
// position behind it, or `at` where it has no end and '[' stands for itself.
size_t TranslateBrackets(std::string_view glob, size_t at, std::string* regex) {
  const bool negated = at < glob.size() && (glob[at] == '!' || glob[at] == '^');
  const size_t first = negated ? at + 1 : at;
  const size_t end = glob.find(']', first + 1);  // a ']' in first place is a member
  if (first >= glob.size() || end == std::string_view::npos) {
    *regex += "\\[";
    return at;
  }
  *regex += negated ? "[^" : "[";
  for (const char c : glob.substr(first, end - first)) {
    if (c == '\\' || c == '[' || c == ']' || c == '^') *regex += '\\';
    *regex += c;
  }
  *regex += ']';
  return end + 1;
}

// Appends what the asterisks at `at` stand for; returns the position behind them.
size_t TranslateAsterisks(std::string_view glob, size_t at, std::string* regex) {
  const bool whole_start = at == 0 || glob[at - 1] == '/';
  if (glob.substr(at, 2) != "**" || !whole_start) {
    *regex += "[^/]*";
    return at + 1;
  }
  if (at + 2 == glob.size()) {
    *regex += ".+";
    return at + 2;
  }
  if (glob[at + 2] == '/') {
    *regex += "(?:.*/)?";
    return at + 3;
  }
  *regex += "[^/]*";
  return at + 2;
}

std::string GlobToRegex(std::string_view glob) {
  std::string regex;
  for (size_t at = 0; at < glob.size();) {
    const char c = glob[at];
    if (c == '*') {
      at = TranslateAsterisks(glob, at, &regex);
    } else if (c == '[') {
      at = TranslateBrackets(glob, at + 1, &regex);
    } else if (c == '?') {
      regex += "[^/]";
      ++at;
    } else {
      if (c == '\\' && at + 1 < glob.size()) ++at;
      if (std::string_view("\\^$.|?*+()[]{}").find(glob[at]) != std::string_view::npos) {
        regex += '\\';
      }
      regex += glob[at++];
    }
  }
  return regex;
}

std::optional<std::regex> Compile(const std::string& pattern) {
  try {
    return std::regex(pattern, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

bool Matches(std::string_view text, const std::regex& regex, bool anywhere) {
  try {
    return anywhere ? std::regex_search(text.begin(), text.end(), regex)
                    : std::regex_match(text.begin(), text.end(), regex);
  } catch (const std::regex_error&) {  // too complex for this text
    return false;
  }
}

struct Rule {
  std::regex regex;
  bool ignores = true;     // false: a glob with '!' takes a path back in
  bool whole_path = true;  // false: a glob without '/' looks at the name alone
  bool folders_only = false;
};

std::optional<Rule> RegexpRule(std::string_view line) {
  std::optional<std::regex> regex = Compile(std::string(line));
  if (!regex) return std::nullopt;
  return Rule{std::move(*regex)};
}

std::optional<Rule> GlobRule(std::string_view line) {
  Rule rule;
  if (line.front() == '!') {
    rule.ignores = false;
    line.remove_prefix(1);
  }
  if (!line.empty() && line.back() == '/') {
    rule.folders_only = true;
    line.remove_suffix(1);
  }
  rule.whole_path = line.find('/') != std::string_view::npos;
  if (!line.empty() && line.front() == '/') line.remove_prefix(1);
  std::optional<std::regex> regex = Compile(GlobToRegex(line));
  if (line.empty() || !regex) return std::nullopt;
  rule.regex = std::move(*regex);
  return rule;
}

// The pattern on a line, without its comment; "" where there is none. In the regular expression
// syntax a comment may follow a pattern, in the glob syntax it has a line of its own.
std::string_view PatternOf(std::string_view line, IgnoreSyntax syntax) {
  if (syntax == IgnoreSyntax::kRegexp) return TrimRight(line.substr(0, line.find('#')));
  line = Trim(line);
  return !line.empty() && line.front() == '#' ? "" : line;
}

}  // namespace

struct IgnoreRules::File {
  std::string folder;
  std::vector<Rule> rules;
};

IgnoreRules IgnoreRules::With(const std::string& folder, std::string_view text,
                              std::vector<std::string>* problems) const {
  auto file = std::make_shared<File>();
  file->folder = folder;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view pattern = PatternOf(text.substr(0, end), syntax_);
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    if (pattern.empty()) continue;
    auto rule = syntax_ == IgnoreSyntax::kRegexp ? RegexpRule(pattern) : GlobRule(pattern);
    if (rule) {
      file->rules.push_back(std::move(*rule));
    } else {
      problems->push_back(
          fmt::format("{}/.airflowignore: skipped the invalid pattern '{}'", folder, pattern));
    }
  }
  IgnoreRules all = *this;
  all.files_.push_back(std::move(file));
  return all;
}

bool IgnoreRules::Ignores(std::string_view path, bool is_folder) const {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  bool ignored = false;
  for (const auto& file : files_) {
    const std::string_view below = path.substr(file->folder.size() + 1);
    for (const Rule& rule : file->rules) {
      if (rule.folders_only && !is_folder) continue;
      const std::string_view subject = rule.whole_path ? below : name;
      if (!Matches(subject, rule.regex, syntax_ == IgnoreSyntax::kRegexp)) continue;
      if (syntax_ == IgnoreSyntax::kRegexp) return true;
      ignored = rule.ignores;
    }
  }
  return ignored;
}

}  // namespace beeflow
