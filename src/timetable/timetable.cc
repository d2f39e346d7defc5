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

// Airflow's CronTriggerTimetable: a run at each tick from the start date on, or, without catchup,
// from the latest tick on.
template <typename IntervalSchedule>
std::optional<NextRun> NextOfTriggers(const IntervalSchedule& schedule, Duration interval,
                                      const std::optional<DataInterval>& last,
                                      const Restriction& restriction, Time now) {
  std::optional<Time> tick;
  const auto not_before = [&tick](Time time) { tick = tick ? std::max(*tick, time) : time; };
  if (!restriction.catchup) not_before(schedule.AlignToPrevious(now));
  if (last) not_before(schedule.Next(last->end));
  if (restriction.earliest && !(restriction.catchup && last)) {
    not_before(schedule.AlignToNext(*restriction.earliest));
  }
  if (!tick || IsAfter(*tick, restriction.latest)) return std::nullopt;
  return RunOver(*tick - interval, *tick);
}

template <typename IntervalSchedule>
std::optional<NextRun> NextOf(const IntervalSchedule& schedule,
                              const std::optional<Duration>& trigger_interval,
                              const std::optional<DataInterval>& last,
                              const Restriction& restriction, Time now) {
  if (!trigger_interval) return NextOfIntervals(schedule, last, restriction, now);
  return NextOfTriggers(schedule, *trigger_interval, last, restriction, now);
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

Result<Timetable> Timetable::FromEvents(std::vector<Time> dates, bool restricted,
                                        std::string summary) {
  if (dates.empty()) return Invalid("it has no dates");
  std::sort(dates.begin(), dates.end());
  if (summary.empty()) summary = std::to_string(dates.size()) + " events";
  return Timetable(std::in_place_type<EventsSchedule>,
                   EventsSchedule{std::move(dates), restricted, std::move(summary)});
}

Result<Timetable> Timetable::FromJson(const Json& schedule) {
  if (schedule.is_null()) return Timetable();
  if (!schedule.is_object()) return Invalid("schedule: it must be an object");
  auto timetable = OfKind(schedule.value("kind", "none"), schedule);
  if (timetable.ok()) return timetable;
  return Error{timetable.error().code, "schedule: " + timetable.error().message};
}

Result<Timetable> Timetable::OfKind(const std::string& kind, const Json& schedule) {
  JsonReader reader(schedule, "schedule");
  const std::string expression = reader.String("expression");
  const std::string zone = reader.String("timezone", "UTC");
  const Duration span = reader.OptionalSeconds("seconds").value_or(Duration(0));
  const auto months = static_cast<int>(reader.Integer("months", 0, 0, kMonthsMax));
  const Duration interval = reader.OptionalSeconds("interval").value_or(Duration(0));
  BEEFLOW_RETURN_IF_ERROR(reader.status());
  const auto triggered = [&](Result<Timetable> timetable) {
    if (timetable.ok()) timetable->trigger_interval_ = interval;
    return timetable;
  };
  if (kind == "none") return Timetable();
  if (kind == "once") return Once();
  if (kind == "continuous") return Continuous();
  if (kind == "cron") return FromCron(expression, zone);
  if (kind == "delta") return FromDelta(months, span);
  if (kind == "cron_trigger") return triggered(FromCron(expression, zone));
  if (kind == "delta_trigger") return triggered(FromDelta(months, span));
  if (kind == "datasets") return Timetable(std::in_place_type<DatasetsSchedule>);
  if (kind == "datasets_or_time") return FromJson(schedule.value("schedule", Json()));
  if (kind == "custom") {
    return Timetable(std::in_place_type<CustomSchedule>, CustomSchedule{reader.String("summary")});
  }
  if (kind != "events") return Invalid("its kind '" + kind + "' is unknown");
  std::vector<Time> dates;
  for (const std::string& text : reader.Strings("dates")) {
    BEEFLOW_ASSIGN_OR_RETURN(const Time date, ParseTime(text));
    dates.push_back(date);
  }
  const bool restricted = reader.Boolean("restrict_to_events", false);
  const std::string summary = reader.String("description");
  BEEFLOW_RETURN_IF_ERROR(reader.status());
  return FromEvents(std::move(dates), restricted, summary);
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
      return NextOf(std::get<CronSchedule>(schedule_), trigger_interval_, last, restriction, now);
    case ScheduleKind::kDelta:
      return NextOf(std::get<DeltaSchedule>(schedule_), trigger_interval_, last, restriction, now);
    case ScheduleKind::kEvents:
      return NextOfEvents(last);
    case ScheduleKind::kDatasets:
    case ScheduleKind::kCustom:
      break;
  }
  return std::nullopt;
}

// As in Airflow, whatever the start date and catchup say.
std::optional<NextRun> Timetable::NextOfEvents(const std::optional<DataInterval>& last) const {
  const std::vector<Time>& dates = std::get<EventsSchedule>(schedule_).dates;
  const auto next = last ? std::upper_bound(dates.begin(), dates.end(), last->end) : dates.begin();
  if (next == dates.end()) return std::nullopt;
  return RunOver(*next, *next);
}

DataInterval Timetable::InferManualInterval(Time run_after) const {
  if (trigger_interval_) return {run_after - *trigger_interval_, run_after};
  if (const auto* events = std::get_if<EventsSchedule>(&schedule_); events && events->restricted) {
    const std::vector<Time>& dates = events->dates;
    const auto later = std::upper_bound(dates.begin(), dates.end(), run_after);
    const Time latest = later == dates.begin() ? dates.front() : *(later - 1);
    return {latest, latest};
  }
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
    case ScheduleKind::kEvents:
      return std::get<EventsSchedule>(schedule_).summary;
    case ScheduleKind::kDatasets:
      return "Dataset";
    case ScheduleKind::kCustom:
      return std::get<CustomSchedule>(schedule_).summary;
    case ScheduleKind::kDelta:
      break;
  }
  const auto& delta = std::get<DeltaSchedule>(schedule_);
  return delta.months() == 0 ? SpanText(delta.span())
                             : CalendarSpanText(delta.months(), delta.span());
}

}  // namespace beeflow
