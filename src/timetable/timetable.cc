#include "timetable/timetable.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace beeflow {
namespace {

constexpr int64_t kMonthsMax = 12 * 1000;

NextRun RunOver(Time start, Time end) { return {start, {start, end}, end}; }

bool IsAfter(Time time, const std::optional<Time>& limit) { return limit && time > *limit; }

template <typename IntervalSchedule>
std::optional<Time> EarliestStart(const IntervalSchedule& schedule, const Restriction& restriction,
                                  Time now) {
  std::optional<Time> earliest;
  if (restriction.earliest) earliest = schedule.AlignToNext(*restriction.earliest);
  if (restriction.catchup) return earliest;
  const Time latest_complete = schedule.LatestStart(now);
  return earliest ? std::max(*earliest, latest_complete) : latest_complete;
}

template <typename IntervalSchedule>
std::optional<NextRun> NextOfIntervals(const IntervalSchedule& schedule,
                                       const std::optional<DataInterval>& last,
                                       const Restriction& restriction, Time now) {
  std::optional<Time> start = EarliestStart(schedule, restriction, now);
  if (last) {
    // The end of the last interval is off the schedule if the schedule was changed since.
    const Time resumed = schedule.AlignToPrevious(last->end);
    start = start ? std::max(*start, resumed) : resumed;
  }
  if (!start || IsAfter(*start, restriction.latest)) return std::nullopt;
  return RunOver(*start, schedule.Next(*start));
}

std::optional<NextRun> NextOfOnce(const std::optional<DataInterval>& last,
                                  const Restriction& restriction) {
  if (last || !restriction.earliest) return std::nullopt;
  const Time start = *restriction.earliest;
  if (IsAfter(start, restriction.latest)) return std::nullopt;
  return RunOver(start, start);
}

std::optional<NextRun> NextOfContinuous(const std::optional<DataInterval>& last,
                                        const Restriction& restriction, Time now) {
  if (!restriction.earliest) return std::nullopt;
  NextRun run = RunOver(*restriction.earliest, std::max(*restriction.earliest, now));
  if (last && last->end > now) {
    // The start date lies ahead: the run to come was planned from it, and is so again.
    run = RunOver(*restriction.earliest, *restriction.earliest + (last->end - last->start));
  } else if (last) {
    run = RunOver(last->end, now);
  }
  if (IsAfter(run.interval.end, restriction.latest)) return std::nullopt;
  return run;
}

DataInterval ManualInterval(const CronSchedule& schedule, Time run_after) {
  const Time end = schedule.AlignToPrevious(run_after);
  return {schedule.Previous(end), end};
}

// A span split as Python's timedelta and relativedelta show it.
struct SpanParts {
  int64_t days, hours, minutes, seconds, microseconds;
};

SpanParts Split(Duration span) {
  const auto day = std::chrono::floor<std::chrono::days>(span);
  const std::chrono::hh_mm_ss time(span - day);
  return {day.count(), time.hours().count(), time.minutes().count(), time.seconds().count(),
          time.subseconds().count()};
}

std::string Padded(int64_t value, size_t width) {
  std::string digits = std::to_string(value);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

// As Python shows a timedelta: "1 day, 0:30:00".
std::string SpanText(Duration span) {
  const SpanParts parts = Split(span);
  std::string out;
  if (parts.days != 0) {
    out = std::to_string(parts.days) + (parts.days == 1 ? " day, " : " days, ");
  }
  out +=
      std::to_string(parts.hours) + ":" + Padded(parts.minutes, 2) + ":" + Padded(parts.seconds, 2);
  if (parts.microseconds != 0) out += "." + Padded(parts.microseconds, 6);
  return out;
}

// As Python shows a relativedelta: "relativedelta(months=+1, days=+3)".
std::string CalendarSpanText(int months, Duration span) {
  const SpanParts parts = Split(span);
  const std::array<std::pair<std::string_view, int64_t>, 7> fields = {
      {{"years", months / 12},
       {"months", months % 12},
       {"days", parts.days},
       {"hours", parts.hours},
       {"minutes", parts.minutes},
       {"seconds", parts.seconds},
       {"microseconds", parts.microseconds}}};
  std::string out;
  for (const auto& [name, value] : fields) {
    if (value == 0) continue;
    if (!out.empty()) out += ", ";
    out += std::string(name) + "=+" + std::to_string(value);
  }
  return "relativedelta(" + out + ")";
}

// A whole number where it is one, as a file written by hand would have it.
Json SecondsJson(Duration span) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(span);
  if (whole == span) return whole.count();
  return ToSeconds(span);
}

}  // namespace

Result<Timetable> Timetable::FromCron(const std::string& expression, const std::string& zone) {
  BEEFLOW_ASSIGN_OR_RETURN(const Cron cron, Cron::Parse(expression));
  BEEFLOW_ASSIGN_OR_RETURN(Zone found, Zone::Find(zone));
  return Timetable(std::in_place_type<CronSchedule>, expression, cron, std::move(found));
}

Result<Timetable> Timetable::FromDelta(int months, Duration span) {
  if (months < 0 || span < Duration(0) || (months == 0 && span == Duration(0))) {
    return Invalid("the time between runs must be longer than zero");
  }
  return Timetable(std::in_place_type<DeltaSchedule>, months, span);
}

Result<Timetable> Timetable::FromJson(const Json& schedule) {
  if (schedule.is_null()) return Timetable();
  JsonReader reader(schedule, "schedule");
  const std::string kind = reader.String("kind", "none");
  const std::string expression = reader.String("expression");
  const std::string zone = reader.String("timezone", "UTC");
  const Duration span = reader.OptionalSeconds("seconds").value_or(Duration(0));
  const auto months = static_cast<int>(reader.Integer("months", 0, 0, kMonthsMax));
  BEEFLOW_RETURN_IF_ERROR(reader.status());

  auto timetable = [&]() -> Result<Timetable> {
    if (kind == "none") return Timetable();
    if (kind == "once") return Once();
    if (kind == "continuous") return Continuous();
    if (kind == "cron") return FromCron(expression, zone);
    if (kind == "delta") return FromDelta(months, span);
    return Invalid("kind is '" + kind + "'; it must be none, once, continuous, cron or delta");
  }();
  if (timetable.ok()) return timetable;
  return Error{timetable.error().code, "schedule: " + timetable.error().message};
}

Json Timetable::ToJson() const {
  switch (kind()) {
    case ScheduleKind::kNone:
      return {{"kind", "none"}};
    case ScheduleKind::kOnce:
      return {{"kind", "once"}};
    case ScheduleKind::kContinuous:
      return {{"kind", "continuous"}};
    case ScheduleKind::kCron: {
      const auto& cron = std::get<CronSchedule>(schedule_);
      return {
          {"kind", "cron"}, {"expression", cron.expression()}, {"timezone", cron.zone().name()}};
    }
    case ScheduleKind::kDelta:
      break;
  }
  const auto& delta = std::get<DeltaSchedule>(schedule_);
  Json json = {{"kind", "delta"}, {"seconds", SecondsJson(delta.span())}};
  if (delta.months() != 0) json["months"] = delta.months();
  return json;
}

std::optional<NextRun> Timetable::Next(const std::optional<DataInterval>& last,
                                       const Restriction& restriction, Time now) const {
  switch (kind()) {
    case ScheduleKind::kNone:
      return std::nullopt;
    case ScheduleKind::kOnce:
      return NextOfOnce(last, restriction);
    case ScheduleKind::kContinuous:
      return NextOfContinuous(last, restriction, now);
    case ScheduleKind::kCron:
      return NextOfIntervals(std::get<CronSchedule>(schedule_), last, restriction, now);
    case ScheduleKind::kDelta:
      break;
  }
  return NextOfIntervals(std::get<DeltaSchedule>(schedule_), last, restriction, now);
}

DataInterval Timetable::InferManualInterval(Time run_after) const {
  if (const auto* cron = std::get_if<CronSchedule>(&schedule_)) {
    return ManualInterval(*cron, run_after);
  }
  if (const auto* delta = std::get_if<DeltaSchedule>(&schedule_)) {
    return {delta->Previous(run_after), run_after};
  }
  return {run_after, run_after};
}

std::optional<int> Timetable::active_runs_limit() const {
  if (kind() == ScheduleKind::kContinuous) return 1;
  return std::nullopt;
}

std::string Timetable::Summary() const {
  switch (kind()) {
    case ScheduleKind::kNone:
      return "None";
    case ScheduleKind::kOnce:
      return "@once";
    case ScheduleKind::kContinuous:
      return "@continuous";
    case ScheduleKind::kCron:
      return std::get<CronSchedule>(schedule_).expression();
    case ScheduleKind::kDelta:
      break;
  }
  const auto& delta = std::get<DeltaSchedule>(schedule_);
  return delta.months() == 0 ? SpanText(delta.span())
                             : CalendarSpanText(delta.months(), delta.span());
}

}  // namespace beeflow
