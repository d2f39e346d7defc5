#include "config/ini_file.h"

#include <algorithm>
#include <cctype>

namespace beeflow {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// Reads line by line; `section_` and `entries_` are what was read so far.
class IniParser {
 public:
  explicit IniParser(const std::string& name) : name_(name) {}

  Status Line(std::string_view line) {
    ++number_;
    const std::string_view text = Trim(line);
    if (text.empty() || text[0] == '#' || text[0] == ';') return Ok();
    if (continues_ && kBlanks.find(line[0]) != std::string_view::npos) {
      std::string& value = entries_.back().value;
      value += (value.empty() ? "" : "\n") + std::string(text);
      return Ok();
    }
    continues_ = false;
    return text[0] == '[' ? Section(text) : Key(text);
  }

  std::vector<IniEntry> TakeEntries() { return std::move(entries_); }

 private:
  Error At(const std::string& message) const {
    return Invalid(name_ + ":" + std::to_string(number_) + ": " + message);
  }

  Status Section(std::string_view text) {
    if (text.back() != ']' || Trim(text.substr(1, text.size() - 2)).empty()) {
      return At("'" + std::string(text) + "' is not a section; write it as [core]");
    }
    section_ = Lower(Trim(text.substr(1, text.size() - 2)));
    return Ok();
  }

  Status Key(std::string_view text) {
    const size_t equals = text.find_first_of("=:");
    const std::string_view key = Trim(text.substr(0, equals));
    if (equals == std::string_view::npos || key.empty()) {
      return At("'" + std::string(text) + "' is not a setting; write it as key = value");
    }
    if (section_.empty()) {
      return At("'" + std::string(key) +
                "' stands outside of a section; put it below a line such as [core]");
    }
    IniEntry entry{section_, Lower(key), std::string(Trim(text.substr(equals + 1))), number_};
    for (const IniEntry& earlier : entries_) {
      if (earlier.section != entry.section || earlier.key != entry.key) continue;
      return At("[" + entry.section + "] " + entry.key + " is given twice, first in line " +
                std::to_string(earlier.line) + "; remove one");
    }
    entries_.push_back(std::move(entry));
    continues_ = true;
    return Ok();
  }

  const std::string& name_;
  int number_ = 0;
  bool continues_ = false;  // an indented line belongs to the last entry
  std::string section_;
  std::vector<IniEntry> entries_;
};

}  // namespace

Result<std::vector<IniEntry>> ParseIni(std::string_view text, const std::string& name) {
  IniParser parser(name);
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.substr(0, 3) == kByteOrderMark) text.remove_prefix(3);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    BEEFLOW_RETURN_IF_ERROR(parser.Line(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parser.TakeEntries();
}

}  // namespace beeflow
