// The search for the next and previous match. It works on bit masks: a month becomes one mask of
// its matching days, so that a search touches months, never single days or minutes.
#include "timetable/cron.h"

#include <bit>
#include <optional>

#include "timetable/cron_parser.h"

namespace beeflow {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::months;
using std::chrono::year_month;
using std::chrono::year_month_day;

// The rarest expressions want a fifth weekday in February: at most 40 years apart, across a year
// like 2100 that is no leap year.
constexpr int kSearchMonthsMax = 12 * 41;

constexpr uint64_t FromBit(unsigned n) { return ~uint64_t{0} << n; }
constexpr uint64_t UpToBit(unsigned n) { return ~uint64_t{0} >> (63 - n); }
constexpr unsigned Lowest(uint64_t mask) { return static_cast<unsigned>(std::countr_zero(mask)); }
constexpr unsigned Highest(uint64_t mask) {
  return static_cast<unsigned>(std::bit_width(mask)) - 1;
}

unsigned DayCount(year_month month) {
  return static_cast<unsigned>((month / std::chrono::last).day());
}

unsigned WeekdayOf(year_month_day date) {
  return std::chrono::weekday(local_days(date)).c_encoding();
}

minutes TimeOfDay(unsigned hour, unsigned minute) { return hours(hour) + minutes(minute); }

minutes FirstTime(const CronFields& fields) {
  return TimeOfDay(Lowest(fields.hours), Lowest(fields.minutes));
}

minutes LastTime(const CronFields& fields) {
  return TimeOfDay(Highest(fields.hours), Highest(fields.minutes));
}

// The first matching time of day at or after `from`.
std::optional<minutes> FirstTimeFrom(const CronFields& fields, minutes from) {
  const auto hour = static_cast<unsigned>(from.count() / 60);
  const auto minute = static_cast<unsigned>(from.count() % 60);
  if (fields.hours >> hour & 1) {
    if (const uint64_t rest = fields.minutes & FromBit(minute)) {
      return TimeOfDay(hour, Lowest(rest));
    }
  }
  const uint64_t later = fields.hours & FromBit(hour + 1);
  if (!later) return std::nullopt;
  return TimeOfDay(Lowest(later), Lowest(fields.minutes));
}

// The last matching time of day at or before `until`.
std::optional<minutes> LastTimeUntil(const CronFields& fields, minutes until) {
  const auto hour = static_cast<unsigned>(until.count() / 60);
  const auto minute = static_cast<unsigned>(until.count() % 60);
  if (fields.hours >> hour & 1) {
    if (const uint64_t rest = fields.minutes & UpToBit(minute)) {
      return TimeOfDay(hour, Highest(rest));
    }
  }
  const uint64_t earlier = fields.hours & ~FromBit(hour);
  if (!earlier) return std::nullopt;
  return TimeOfDay(Highest(earlier), Highest(fields.minutes));
}

}  // namespace

Result<Cron> Cron::Parse(std::string_view expression) {
  BEEFLOW_ASSIGN_OR_RETURN(const CronFields fields, ParseCronFields(expression));
  return Cron(fields);
}

LocalTime Cron::Next(LocalTime after) const {
  const auto from = floor<minutes>(after) + minutes(1);
  const auto day = floor<days>(from);
  if (MatchesDay(day)) {
    if (const auto time = FirstTimeFrom(fields_, from - day)) return day + *time;
  }
  return FirstDayFrom(day + days(1)) + FirstTime(fields_);
}

LocalTime Cron::Previous(LocalTime before) const {
  const auto until = std::chrono::ceil<minutes>(before) - minutes(1);
  const auto day = floor<days>(until);
  if (MatchesDay(day)) {
    if (const auto time = LastTimeUntil(fields_, until - day)) return day + *time;
  }
  return LastDayUntil(day - days(1)) + LastTime(fields_);
}

bool Cron::MatchesDay(local_days day) const {
  const year_month_day date(day);
  return DaysIn(date.year() / date.month()) >> static_cast<unsigned>(date.day()) & 1;
}

local_days Cron::FirstDayFrom(local_days day) const {
  const year_month_day date(day);
  year_month month = date.year() / date.month();
  uint64_t wanted = FromBit(static_cast<unsigned>(date.day()));
  for (int i = 0; i < kSearchMonthsMax; ++i) {
    if (const uint64_t found = DaysIn(month) & wanted) {
      return local_days(month / std::chrono::day(Lowest(found)));
    }
    month += months(1);
    wanted = ~uint64_t{0};
  }
  CheckFailed(__FILE__, __LINE__, "a parsed cron expression matches some date");
}

local_days Cron::LastDayUntil(local_days day) const {
  const year_month_day date(day);
  year_month month = date.year() / date.month();
  uint64_t wanted = UpToBit(static_cast<unsigned>(date.day()));
  for (int i = 0; i < kSearchMonthsMax; ++i) {
    if (const uint64_t found = DaysIn(month) & wanted) {
      return local_days(month / std::chrono::day(Highest(found)));
    }
    month -= months(1);
    wanted = ~uint64_t{0};
  }
  CheckFailed(__FILE__, __LINE__, "a parsed cron expression matches some date");
}

uint32_t Cron::DaysIn(year_month month) const {
  if (!(fields_.months >> static_cast<unsigned>(month.month()) & 1)) return 0;
  const unsigned day_count = DayCount(month);
  const auto existing = static_cast<uint32_t>(FromBit(1) & UpToBit(day_count));
  uint32_t by_day = fields_.days;
  if (fields_.last_day) by_day |= 1u << day_count;
  if (!fields_.weekdays_restricted) return by_day & existing;
  const uint32_t by_weekday =
      WeekdayMatches(WeekdayOf(month / std::chrono::day(1)), day_count) & existing;
  return fields_.days_restricted ? (by_day & existing) | by_weekday : by_weekday;
}

uint32_t Cron::WeekdayMatches(unsigned first, unsigned day_count) const {
  if (!fields_.nth_used) {
    // Bit 0 of `week` is the weekday of day 1; the factor repeats the week every seven bits.
    const uint64_t week = (fields_.weekdays >> first | fields_.weekdays << (7 - first)) & 0x7f;
    return static_cast<uint32_t>(week * 0x10204081 << 1);
  }
  uint64_t matches = 0;
  for (unsigned weekday = 0; weekday < 7; ++weekday) {
    const uint8_t nth = fields_.nth[weekday];
    const unsigned first_day = 1 + (weekday + 7 - first) % 7;
    for (unsigned n = 1; n <= 5; ++n) {
      if (nth >> n & 1) matches |= uint64_t{1} << (first_day + 7 * (n - 1));
    }
    if (nth & 1) matches |= uint64_t{1} << (first_day + (day_count - first_day) / 7 * 7);
  }
  return static_cast<uint32_t>(matches);
}

}  // namespace beeflow
