// The two schedules that cut time into data intervals: cron expressions in a time zone, and spans.
// Both answer the same questions, which the rules in timetable.cc are written against. Immutable
// values; no operation fails.
#pragma once

#include <string>
#include <utility>

#include "base/time.h"
#include "timetable/cron.h"
#include "timetable/zone.h"

namespace beeflow {

// A cron expression in a time zone. An expression that covers every hour follows elapsed time, so
// that an hour which occurs twice on the clock has its runs twice; every other one follows the
// clock on the wall.
class CronSchedule {
 public:
  // `expression` is what `cron` was parsed from.
  CronSchedule(std::string expression, const Cron& cron, Zone zone)
      : expression_(std::move(expression)), cron_(cron), zone_(std::move(zone)) {}

  const std::string& expression() const { return expression_; }
  const Zone& zone() const { return zone_; }

  Time Next(Time after) const;
  Time Previous(Time before) const;
  // `time` itself if it is on the schedule, else the next or the previous time that is.
  Time AlignToNext(Time time) const;
  Time AlignToPrevious(Time time) const;
  // The start of the latest interval that is complete at `now`.
  Time LatestStart(Time now) const;

 private:
  std::string expression_;
  Cron cron_;
  Zone zone_;
};

// A span of calendar months, in UTC, and of microseconds. Any time is on such a schedule: the start
// date sets its phase.
class DeltaSchedule {
 public:
  // One of the two must be positive, none negative.
  DeltaSchedule(int months, Duration span) : months_(months), span_(span) {}

  int months() const { return months_; }
  Duration span() const { return span_; }

  Time Next(Time after) const;
  Time Previous(Time before) const;
  Time AlignToNext(Time time) const { return time; }
  Time AlignToPrevious(Time time) const { return time; }
  // `now` rounded down to a multiple of the span since 1970 (a month counts 30 days there and a
  // year 365), less one span.
  Time LatestStart(Time now) const;

 private:
  int months_;
  Duration span_;
};

}  // namespace beeflow
