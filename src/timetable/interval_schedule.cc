#include "timetable/interval_schedule.h"

#include <algorithm>

namespace beeflow {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// Moves by calendar months; a day that the target month lacks becomes its last one.
Time AddMonths(Time time, int months) {
  if (months == 0) return time;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const auto month = date.year() / date.month() + std::chrono::months(months);
  const auto last = (month / std::chrono::last).day();
  return sys_days(month / std::min(date.day(), last)) + (time - day);
}

}  // namespace

Time CronSchedule::Next(Time after) const {
  const LocalTime local = zone_.ToLocal(after);
  const LocalTime next = cron_.Next(local);
  return cron_.covers_every_hour() ? after + (next - local) : zone_.ToUtc(next);
}

Time CronSchedule::Previous(Time before) const {
  const LocalTime local = zone_.ToLocal(before);
  const LocalTime previous = cron_.Previous(local);
  return cron_.covers_every_hour() ? before - (local - previous) : zone_.ToUtc(previous);
}

Time CronSchedule::AlignToNext(Time time) const {
  const Time next = Next(time);
  return Previous(next) == time ? time : next;
}

Time CronSchedule::AlignToPrevious(Time time) const {
  const Time previous = Previous(time);
  return Next(previous) == time ? time : previous;
}

Time CronSchedule::LatestStart(Time now) const {
  const Time last = Previous(now);
  return Next(last) <= now ? last : Previous(last);
}

Time DeltaSchedule::Next(Time after) const { return AddMonths(after, months_) + span_; }
Time DeltaSchedule::Previous(Time before) const { return AddMonths(before, -months_) - span_; }

Time DeltaSchedule::LatestStart(Time now) const {
  const Duration period = span_ + days(months_ / 12 * 365 + months_ % 12 * 30);
  Duration past = now.time_since_epoch() % period;
  if (past < Duration(0)) past += period;
  return Previous(now - past);
}

}  // namespace beeflow
