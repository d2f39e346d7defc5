// When a DAG runs: the `schedule` of a serialized DAG with the semantics of Airflow 2.9's built-in
// timetables. Pure: the current time is an argument.
//
// A run covers a data interval and starts when the interval ends; its logical date is the
// interval's start. So the run of 1 January of a daily DAG starts at midnight of 2 January.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "timetable/interval_schedule.h"

namespace beeflow {

struct DataInterval {
  Time start;
  Time end;

  bool operator==(const DataInterval&) const = default;
};

struct NextRun {
  Time logical_date;
  DataInterval interval;
  Time run_after;  // The run may start from then on; it may lie in the future.

  bool operator==(const NextRun&) const = default;
};

// The bounds that a DAG sets on its runs.
struct Restriction {
  std::optional<Time> earliest;  // The start date.
  std::optional<Time> latest;    // The end date: no logical date lies after it.
  bool catchup = true;           // False skips all complete intervals but the latest.
};

enum class ScheduleKind {
  kNone,
  kOnce,
  kContinuous,
  kCron,
  kDelta,
  kEvents,    // at given moments
  kDatasets,  // when datasets were updated
  kCustom,    // the author's own class, which only the parser can ask
};

// An immutable value, safe to use from any thread.
class Timetable {
 public:
  // Never runs by itself.
  Timetable() = default;

  static Timetable Once() { return Timetable(std::in_place_type<OnceSchedule>); }
  static Timetable Continuous() { return Timetable(std::in_place_type<ContinuousSchedule>); }
  // `expression` as for Cron::Parse, `zone` as for Zone::Find.
  static Result<Timetable> FromCron(const std::string& expression, const std::string& zone);
  // Calendar months and a span; their sum must be longer than zero.
  static Result<Timetable> FromDelta(int months, Duration span);

  // At `dates`, which are sorted here. `restricted`: a run by hand takes the latest of them.
  static Result<Timetable> FromEvents(std::vector<Time> dates, bool restricted,
                                      std::string summary);

  // The `schedule` object of a serialized DAG (docs/formats/serialized-dag.md); null means none.
  // Errors name the field, not the DAG: the caller knows it.
  static Result<Timetable> FromJson(const Json& schedule);
  ScheduleKind kind() const { return static_cast<ScheduleKind>(schedule_.index()); }

  // The run that follows the latest automated run, which covered `last`, or the first run where
  // there was none. Nothing where no run follows.
  //
  // As in Airflow, a cron or delta schedule without catchup needs no `earliest`. A caller that
  // wants no runs without a start date checks for it.
  std::optional<NextRun> Next(const std::optional<DataInterval>& last,
                              const Restriction& restriction, Time now) const;

  // The data interval of a run that is triggered by hand at `run_after`.
  DataInterval InferManualInterval(Time run_after) const;

  // How many runs may be active at once because of the schedule: one if continuous.
  std::optional<int> active_runs_limit() const;

  // The schedule as Airflow shows it: "@daily", "0 6 * * *", "1 day, 0:00:00", "@once", "None".
  std::string Summary() const;

 private:
  struct NoSchedule {};
  struct OnceSchedule {};
  struct ContinuousSchedule {};
  struct EventsSchedule {
    std::vector<Time> dates;  // sorted, not empty
    bool restricted = false;
    std::string summary;
  };
  struct DatasetsSchedule {};
  struct CustomSchedule {
    std::string summary;
  };
  // In the order of ScheduleKind.
  using Schedule = std::variant<NoSchedule, OnceSchedule, ContinuousSchedule, CronSchedule,
                                DeltaSchedule, EventsSchedule, DatasetsSchedule, CustomSchedule>;

  static Result<Timetable> OfKind(const std::string& kind, const Json& schedule);
  std::optional<NextRun> NextOfEvents(const std::optional<DataInterval>& last) const;

  // Builds the schedule in place: GCC 12 takes a moved variant for uninitialized when it optimizes.
  template <typename Kind, typename... Args>
  explicit Timetable(std::in_place_type_t<Kind> kind, Args&&... args)
      : schedule_(kind, std::forward<Args>(args)...) {}

  Schedule schedule_;
  // Of cron and delta: runs at each tick, with data intervals of this length that end there
  // (Airflow's CronTriggerTimetable), instead of runs that cover the time between the ticks.
  std::optional<Duration> trigger_interval_;
};

}  // namespace beeflow
