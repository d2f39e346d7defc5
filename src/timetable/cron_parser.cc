#include "timetable/cron_parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace beeflow {
namespace {

using std::string_view_literals::operator""sv;

enum class Field { kMinute, kHour, kDay, kMonth, kWeekday };
constexpr size_t kFieldCount = 5;

constexpr std::array kMonthNames = {"jan"sv, "feb"sv, "mar"sv, "apr"sv, "may"sv, "jun"sv,
                                    "jul"sv, "aug"sv, "sep"sv, "oct"sv, "nov"sv, "dec"sv};
constexpr std::array kWeekdayNames = {"sun"sv, "mon"sv, "tue"sv, "wed"sv,
                                      "thu"sv, "fri"sv, "sat"sv};

struct FieldRule {
  std::string_view label;
  unsigned min;
  unsigned max;
  std::span<const std::string_view> names;  // The first stands for `min`.
};

constexpr std::array<FieldRule, kFieldCount> kRules = {{
    {"minute", 0, 59, {}},
    {"hour", 0, 23, {}},
    {"day of month", 1, 31, {}},
    {"month", 1, 12, kMonthNames},
    {"day of week", 0, 7, kWeekdayNames},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kPresets = {{
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@quarterly", "0 0 1 */3 *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
}};

constexpr unsigned kStepMax = 1000;  // Any step beyond a field's size selects its first value.

// What one field selects.
struct Selection {
  uint64_t values = 0;
  bool last_day = false;
  bool nth_used = false;
  std::array<uint8_t, 7> nth{};
};

std::string Quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string Lowercase(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::vector<std::string_view> SplitAtSpaces(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\f\v";
  std::vector<std::string_view> words;
  size_t start = text.find_first_not_of(kSpaces);
  while (start != std::string_view::npos) {
    const size_t end = std::min(text.find_first_of(kSpaces, start), text.size());
    words.push_back(text.substr(start, end - start));
    start = text.find_first_not_of(kSpaces, end);
  }
  return words;
}

// A decimal number; anything above `max` yields max + 1.
std::optional<unsigned> ParseNumber(std::string_view text, unsigned max) {
  if (text.empty()) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(value * 10 + static_cast<unsigned>(c - '0'), max + 1);
  }
  return value;
}

// Parses one field. Errors are about the field's text; the caller adds expression and field.
class FieldParser {
 public:
  explicit FieldParser(Field field) : field_(field), rule_(kRules[static_cast<size_t>(field)]) {}

  Result<Selection> Parse(std::string_view text) {
    while (true) {
      const size_t comma = text.find(',');
      BEEFLOW_RETURN_IF_ERROR(AddItem(text.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      text.remove_prefix(comma + 1);
    }
    if (selection_.nth_used && selection_.values != 0) {
      return Invalid("mixes days of the week with the n-th or last one of a month");
    }
    return selection_;
  }

 private:
  Status AddItem(std::string_view item) {
    if (item.empty()) return Invalid("has an empty list item");
    if (field_ == Field::kWeekday) {
      if (item.front() == 'l') return AddLastWeekday(item);
      if (item.find('#') != std::string_view::npos) return AddNthWeekday(item);
    }
    if (field_ == Field::kDay && item == "l") {
      selection_.last_day = true;
      return Ok();
    }
    return AddRange(item);
  }

  // "l5": the last Friday of the month.
  Status AddLastWeekday(std::string_view item) {
    const auto weekday = ParseNumber(item.substr(1), rule_.max);
    if (!weekday || *weekday > rule_.max) {
      return Invalid("has " + Quoted(item) + "; write L and a day from 0 to 7, such as L5");
    }
    return AddNth(*weekday, 0);
  }

  // "5#3" or "fri#3": the third Friday of the month.
  Status AddNthWeekday(std::string_view item) {
    const size_t hash = item.find('#');
    BEEFLOW_ASSIGN_OR_RETURN(const unsigned weekday, Value(item.substr(0, hash)));
    const auto n = ParseNumber(item.substr(hash + 1), 5);
    if (!n || *n < 1 || *n > 5) {
      return Invalid("has " + Quoted(item) + "; what follows # must be from 1 to 5");
    }
    return AddNth(weekday, *n);
  }

  Status AddNth(unsigned weekday, unsigned n) {
    selection_.nth_used = true;
    selection_.nth[weekday % 7] |= static_cast<uint8_t>(1u << n);
    return Ok();
  }

  // A value, a range, `*`, each perhaps with a step. A single value with a step starts a range
  // that ends with the field's largest value.
  Status AddRange(std::string_view item) {
    const size_t slash = item.find('/');
    const std::string_view range = item.substr(0, slash);
    unsigned step = 1;
    if (slash != std::string_view::npos) {
      BEEFLOW_ASSIGN_OR_RETURN(step, Step(item.substr(slash + 1)));
    }
    if (range == "*" || (range == "?" && slash == std::string_view::npos && IsDayField())) {
      return AddValues(rule_.min, rule_.max, step);
    }
    const size_t dash = range.find('-');
    BEEFLOW_ASSIGN_OR_RETURN(const unsigned low, Value(range.substr(0, dash)));
    if (dash == std::string_view::npos) {
      return AddValues(low, slash == std::string_view::npos ? low : rule_.max, step);
    }
    BEEFLOW_ASSIGN_OR_RETURN(const unsigned high, RangeEnd(low, range.substr(dash + 1)));
    if (low > high) {
      return Invalid("has the range " + Quoted(range) +
                     ", which runs backwards; split it in two at the end of the field");
    }
    return AddValues(low, high, step);
  }

  Status AddValues(unsigned low, unsigned high, unsigned step) {
    for (unsigned value = low; value <= high; value += step) {
      const unsigned normal = field_ == Field::kWeekday ? value % 7 : value;
      selection_.values |= uint64_t{1} << normal;
    }
    return Ok();
  }

  Result<unsigned> RangeEnd(unsigned low, std::string_view text) const {
    if (field_ == Field::kDay && text == "l") return rule_.max;
    auto high = Value(text);
    // Sunday is 0, but as the end of a range it closes the week.
    if (high.ok() && field_ == Field::kWeekday && *high == 0 && low > 0) return 7u;
    return high;
  }

  Result<unsigned> Value(std::string_view text) const {
    const auto name = std::find(rule_.names.begin(), rule_.names.end(), text);
    if (name != rule_.names.end()) {
      return rule_.min + static_cast<unsigned>(name - rule_.names.begin());
    }
    const auto value = ParseNumber(text, rule_.max);
    if (!value) return Invalid("has " + Quoted(text) + ", which is no value of this field");
    if (*value < rule_.min || *value > rule_.max) {
      return Invalid("has " + std::string(text) + "; values are from " + std::to_string(rule_.min) +
                     " to " + std::to_string(rule_.max));
    }
    return *value;
  }

  static Result<unsigned> Step(std::string_view text) {
    const auto step = ParseNumber(text, kStepMax);
    if (step && *step > 0) return *step;
    return Invalid("has the step " + Quoted(text) + "; a step is a number from 1");
  }

  bool IsDayField() const { return field_ == Field::kDay || field_ == Field::kWeekday; }

  const Field field_;
  const FieldRule& rule_;
  Selection selection_;
};

// Whether the days of the month are in effect `*`. croniter counts `L` as one more value, so 1 to
// 30 with `L` are all days, while 1 to 31 with `L` are a list of its own.
bool CoversEveryDay(const Selection& days) {
  constexpr uint64_t kFirst30 = ((uint64_t{1} << 30) - 1) << 1;
  constexpr uint64_t kDay31 = uint64_t{1} << 31;
  if ((days.values & kFirst30) != kFirst30) return false;
  return days.last_day != ((days.values & kDay31) != 0);
}

CronFields Combine(const std::array<Selection, kFieldCount>& selections) {
  const auto& [minute, hour, day, month, weekday] = selections;
  CronFields fields;
  fields.minutes = minute.values;
  fields.hours = static_cast<uint32_t>(hour.values);
  fields.days = static_cast<uint32_t>(day.values);
  fields.months = static_cast<uint16_t>(month.values);
  fields.weekdays = static_cast<uint8_t>(weekday.values);
  fields.last_day = day.last_day;
  fields.days_restricted = !CoversEveryDay(day);
  fields.weekdays_restricted = fields.weekdays != 0x7f;
  fields.nth_used = weekday.nth_used;
  fields.nth = weekday.nth;
  return fields;
}

// Only a day of month alone can miss every month that is selected: each month has all weekdays,
// and February has its fifth ones in some years.
bool MatchesSomeDate(const CronFields& fields) {
  if (fields.weekdays_restricted || fields.last_day) return true;
  constexpr std::array kDayCounts = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (unsigned month = 1; month <= 12; ++month) {
    const uint64_t existing = (uint64_t{1} << (kDayCounts[month - 1] + 1)) - 1;
    if ((fields.months >> month & 1) && (fields.days & existing)) return true;
  }
  return false;
}

}  // namespace

Result<CronFields> ParseCronFields(std::string_view expression) {
  const std::string subject = "cron expression " + Quoted(expression);
  std::string text = Lowercase(expression);
  for (const auto& [name, meaning] : kPresets) {
    if (text == name) text = meaning;
  }
  if (text.starts_with('@')) {
    return Invalid(subject + " is not a known preset; use @hourly, @daily, @weekly, @monthly, " +
                   "@quarterly, @yearly or five fields");
  }
  const std::vector<std::string_view> words = SplitAtSpaces(text);
  if (words.size() != kFieldCount) {
    return Invalid(subject + " has " + std::to_string(words.size()) +
                   " fields; it needs five: minute, hour, day of month, month, day of week");
  }
  std::array<Selection, kFieldCount> selections;
  for (size_t i = 0; i < kFieldCount; ++i) {
    auto selection = FieldParser(static_cast<Field>(i)).Parse(words[i]);
    if (!selection.ok()) {
      return Invalid(subject + ": " + std::string(kRules[i].label) + " " +
                     selection.error().message);
    }
    selections[i] = *selection;
  }
  const CronFields fields = Combine(selections);
  if (!MatchesSomeDate(fields)) {
    return Invalid(subject + " matches no date: no selected month has such a day of month");
  }
  return fields;
}

}  // namespace beeflow
