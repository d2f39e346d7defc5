// Cron expressions of five fields (minute, hour, day of month, month, day of week), as croniter,
// the parser behind Airflow, reads them. Pure calendar arithmetic on wall-clock time: time zones
// are the business of zone.h, and of the schedules that combine the two.
//
// Accepted: lists, ranges, steps, `*`, English three-letter names in any case, `?` for `*` in the
// two day fields, 7 for Sunday, `L` (last day) in the day of month, also as the end of a range, and
// `5#3` (third Friday) or `L5` (last Friday) in the day of week. Only ranges that end on Sunday
// wrap around (`fri-sun`). The presets @hourly, @daily, @midnight, @weekly, @monthly, @quarterly,
// @yearly and @annually stand for their expressions.
//
// Where both day fields are restricted, a day that matches either of them matches. A field that
// lists all of its values counts as `*`.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "timetable/local_time.h"

namespace beeflow {

// The value sets of the five fields. In the masks bit n stands for value n.
struct CronFields {
  uint64_t minutes = 0;
  uint32_t hours = 0;
  uint32_t days = 0;
  uint16_t months = 0;
  uint8_t weekdays = 0;  // Sunday is 0.
  bool last_day = false;
  bool days_restricted = false;      // The day of month is not `*`.
  bool weekdays_restricted = false;  // The day of week is not `*`.
  bool nth_used = false;             // Then `nth` decides and `weekdays` is empty.
  // By weekday: bit n for its n-th occurrence in the month, bit 0 for its last.
  std::array<uint8_t, 7> nth{};
};

// An immutable value; copying is cheap. Good for the years 0 to 9999.
class Cron {
 public:
  // Fails with the expression and the field at fault, and for expressions that no date matches,
  // such as `0 0 30 2 *`: a Cron always has a next and a previous time.
  static Result<Cron> Parse(std::string_view expression);

  // The first match after `after`, and the last one before `before`; never the given time itself.
  LocalTime Next(LocalTime after) const;
  LocalTime Previous(LocalTime before) const;

  bool covers_every_hour() const { return fields_.hours == (1u << 24) - 1; }

 private:
  explicit Cron(const CronFields& fields) : fields_(fields) {}

  bool MatchesDay(std::chrono::local_days day) const;
  // The matching days of a month, as a mask of which bit n is day n; empty if the month itself
  // does not match.
  uint32_t DaysIn(std::chrono::year_month month) const;
  // The matches of the day of week alone, in a month whose first day is weekday `first`; may reach
  // beyond the end of the month.
  uint32_t WeekdayMatches(unsigned first, unsigned day_count) const;
  std::chrono::local_days FirstDayFrom(std::chrono::local_days day) const;
  std::chrono::local_days LastDayUntil(std::chrono::local_days day) const;

  CronFields fields_;
};

}  // namespace beeflow
