#include "timetable/timetable.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace beeflow {
namespace {

Time At(const std::string& text) { return *ParseTime(text); }
std::string Text(Time time) { return FormatIso(time).substr(0, 16); }

std::string Text(const DataInterval& interval) {
  return Text(interval.start) + " " + Text(interval.end);
}

std::string Text(const std::optional<NextRun>& run) {
  if (!run) return "none";
  EXPECT_EQ(run->logical_date, run->interval.start);
  EXPECT_EQ(run->run_after, run->interval.end);
  return Text(run->interval);
}

Timetable Cron(const std::string& expression, const std::string& zone = "UTC") {
  return *Timetable::FromCron(expression, zone);
}

Timetable Every(Duration span) { return *Timetable::FromDelta(0, span); }
Timetable EveryMonths(int months) { return *Timetable::FromDelta(months, Duration(0)); }

Restriction From(const std::string& earliest, bool catchup = true) {
  return {At(earliest), std::nullopt, catchup};
}

DataInterval Interval(const std::string& start, const std::string& end) {
  return {At(start), At(end)};
}

// The ends of the first runs of a DAG with catchup; the current time is of no account then.
std::vector<std::string> Ends(const Timetable& timetable, const std::string& start, int count) {
  std::vector<std::string> ends;
  std::optional<DataInterval> last;
  for (int i = 0; i < count; ++i) {
    last = timetable.Next(last, From(start), At("2000-01-01"))->interval;
    ends.push_back(Text(last->end));
  }
  return ends;
}

using Times = std::vector<std::string>;

// --- cron ----------------------------------------------------------------------------------------

TEST(CronTimetableTest, TheFirstRunStartsWhenItsIntervalEnds) {
  EXPECT_EQ(Text(Cron("@daily").Next(std::nullopt, From("2024-01-01"), At("2024-01-01T12:00"))),
            "2024-01-01T00:00 2024-01-02T00:00");
}

TEST(CronTimetableTest, AStartDateOffTheScheduleMovesToTheNextTimeOnIt) {
  EXPECT_EQ(Text(Cron("@daily").Next(std::nullopt, From("2024-01-01T00:01"), At("2024-06-01"))),
            "2024-01-02T00:00 2024-01-03T00:00");
}

TEST(CronTimetableTest, CatchupRunsEveryInterval) {
  EXPECT_EQ(Text(Cron("@daily").Next(Interval("2024-01-01", "2024-01-02"), From("2024-01-01"),
                                     At("2024-06-01"))),
            "2024-01-02T00:00 2024-01-03T00:00");
}

TEST(CronTimetableTest, WithoutCatchupTheLatestCompleteIntervalIsNext) {
  const Timetable daily = Cron("@daily");
  EXPECT_EQ(Text(daily.Next(std::nullopt, From("2024-01-01", false), At("2024-06-10T15:00"))),
            "2024-06-09T00:00 2024-06-10T00:00");
  EXPECT_EQ(Text(daily.Next(Interval("2024-01-01", "2024-01-02"), From("2024-01-01", false),
                            At("2024-06-10T15:00"))),
            "2024-06-09T00:00 2024-06-10T00:00");
}

TEST(CronTimetableTest, WithoutCatchupAnIntervalIsCompleteTheMomentItEnds) {
  EXPECT_EQ(
      Text(Cron("@daily").Next(std::nullopt, From("2024-01-01", false), At("2024-06-10T00:00"))),
      "2024-06-09T00:00 2024-06-10T00:00");
  EXPECT_EQ(Text(Cron("@daily").Next(std::nullopt, From("2024-01-01", false),
                                     At("2024-06-09T23:59:59.999999"))),
            "2024-06-08T00:00 2024-06-09T00:00");
}

TEST(CronTimetableTest, WithoutCatchupTheLatestIntervalRunsOnce) {
  EXPECT_EQ(Text(Cron("@daily").Next(Interval("2024-06-09", "2024-06-10"),
                                     From("2024-01-01", false), At("2024-06-10T15:00"))),
            "2024-06-10T00:00 2024-06-11T00:00");
}

TEST(CronTimetableTest, WithoutCatchupAStartDateAheadIsKept) {
  EXPECT_EQ(Text(Cron("@daily").Next(std::nullopt, From("2024-07-01T06:00", false),
                                     At("2024-06-10T15:00"))),
            "2024-07-02T00:00 2024-07-03T00:00");
}

TEST(CronTimetableTest, AStartDateMovedAheadSkipsTheIntervalsBefore) {
  EXPECT_EQ(Text(Cron("@daily").Next(Interval("2024-01-01", "2024-01-02"), From("2024-02-01"),
                                     At("2024-06-01"))),
            "2024-02-01T00:00 2024-02-02T00:00");
}

TEST(CronTimetableTest, AChangedScheduleResumesAtItsTimeBeforeTheLastEnd) {
  EXPECT_EQ(
      Text(Cron("0 6 * * *")
               .Next(Interval("2024-01-01", "2024-01-02"), From("2023-01-01"), At("2024-06-01"))),
      "2024-01-01T06:00 2024-01-02T06:00");
}

TEST(CronTimetableTest, TheEndDateLimitsTheLogicalDate) {
  const Restriction until = {At("2024-01-01"), At("2024-01-03"), true};
  const Timetable daily = Cron("@daily");
  EXPECT_EQ(Text(daily.Next(Interval("2024-01-02", "2024-01-03"), until, At("2024-06-01"))),
            "2024-01-03T00:00 2024-01-04T00:00");
  EXPECT_EQ(Text(daily.Next(Interval("2024-01-03", "2024-01-04"), until, At("2024-06-01"))),
            "none");
}

TEST(CronTimetableTest, WithoutAStartDateThereIsNoFirstRunToCatchUpFrom) {
  EXPECT_EQ(Text(Cron("@daily").Next(std::nullopt, {}, At("2024-06-10"))), "none");
  EXPECT_EQ(Text(Cron("@daily").Next(Interval("2024-01-01", "2024-01-02"), {}, At("2024-06-10"))),
            "2024-01-02T00:00 2024-01-03T00:00");
}

TEST(CronTimetableTest, AManualRunCoversTheLatestCompleteInterval) {
  EXPECT_EQ(Text(Cron("@daily").InferManualInterval(At("2024-06-10T01:00"))),
            "2024-06-09T00:00 2024-06-10T00:00");
  EXPECT_EQ(Text(Cron("@daily").InferManualInterval(At("2024-06-10T00:00"))),
            "2024-06-09T00:00 2024-06-10T00:00");
}

// --- cron and clock changes ----------------------------------------------------------------------

TEST(ClockChangeTest, AFixedTimeFollowsTheClockOnTheWall) {
  EXPECT_EQ(Ends(Cron("0 6 * * *", "Europe/Warsaw"), "2024-03-29T05:00", 3),
            (Times{"2024-03-30T05:00", "2024-03-31T04:00", "2024-04-01T04:00"}));
  EXPECT_EQ(Ends(Cron("0 6 * * *", "America/New_York"), "2024-11-01T10:00", 3),
            (Times{"2024-11-02T10:00", "2024-11-03T11:00", "2024-11-04T11:00"}));
}

TEST(ClockChangeTest, ATimeThatDoesNotOccurRunsAsIfTheClockHadNotBeenSet) {
  EXPECT_EQ(Ends(Cron("30 2 * * *", "Europe/Warsaw"), "2024-03-29T01:30", 3),
            (Times{"2024-03-30T01:30", "2024-03-31T01:30", "2024-04-01T00:30"}));
}

TEST(ClockChangeTest, AFixedTimeThatOccursTwiceRunsOnceAtItsSecond) {
  EXPECT_EQ(Ends(Cron("30 2 * * *", "Europe/Warsaw"), "2024-10-26T00:30", 2),
            (Times{"2024-10-27T01:30", "2024-10-28T01:30"}));
}

TEST(ClockChangeTest, AnHourThatOccursTwiceHasItsHourlyRunsTwice) {
  EXPECT_EQ(
      Ends(Cron("30 * * * *", "Europe/Warsaw"), "2024-10-26T23:30", 4),
      (Times{"2024-10-27T00:30", "2024-10-27T01:30", "2024-10-27T02:30", "2024-10-27T03:30"}));
}

TEST(ClockChangeTest, AnHourThatDoesNotOccurHasNoHourlyRuns) {
  EXPECT_EQ(Ends(Cron("0 * * * *", "America/New_York"), "2024-03-10T06:00", 2),
            (Times{"2024-03-10T07:00", "2024-03-10T08:00"}));
}

TEST(ClockChangeTest, ClocksMaySetByHalfAnHour) {
  // At 02:00 of 7 April, clocks in Lord Howe go back to 01:30; UTC+11 becomes UTC+10:30.
  EXPECT_EQ(Ends(Cron("0 2 * * *", "Australia/Lord_Howe"), "2024-04-05T15:00", 2),
            (Times{"2024-04-06T15:30", "2024-04-07T15:30"}));
  EXPECT_EQ(
      Ends(Cron("*/30 * * * *", "Australia/Lord_Howe"), "2024-04-06T14:00", 4),
      (Times{"2024-04-06T14:30", "2024-04-06T15:00", "2024-04-06T15:30", "2024-04-06T16:00"}));
}

TEST(ClockChangeTest, ManualRunsFollowTheClockOnTheWall) {
  EXPECT_EQ(Text(Cron("0 6 * * *", "Europe/Warsaw").InferManualInterval(At("2024-03-31T12:00"))),
            "2024-03-30T05:00 2024-03-31T04:00");
}

TEST(ClockChangeTest, FixedOffsetsNeverChange) {
  EXPECT_EQ(Ends(Cron("@daily", "+02:00"), "2024-03-30T22:00", 2),
            (Times{"2024-03-31T22:00", "2024-04-01T22:00"}));
}

// --- delta ---------------------------------------------------------------------------------------

TEST(DeltaTimetableTest, TheStartDateSetsThePhase) {
  EXPECT_EQ(Ends(Every(std::chrono::hours(3)), "2024-01-01T00:10", 3),
            (Times{"2024-01-01T03:10", "2024-01-01T06:10", "2024-01-01T09:10"}));
}

TEST(DeltaTimetableTest, WithoutCatchupTheTimeIsRoundedToTheSpan) {
  EXPECT_EQ(Text(Every(std::chrono::hours(3))
                     .Next(std::nullopt, From("2024-01-01T00:10", false), At("2024-06-10T10:00"))),
            "2024-06-10T06:00 2024-06-10T09:00");
}

TEST(DeltaTimetableTest, WithoutCatchupTheLaterOfLastEndAndLatestIntervalCounts) {
  EXPECT_EQ(Text(Every(std::chrono::hours(3))
                     .Next(Interval("2024-06-10T05:10", "2024-06-10T08:10"),
                           From("2024-01-01T00:10", false), At("2024-06-10T10:00"))),
            "2024-06-10T08:10 2024-06-10T11:10");
}

TEST(DeltaTimetableTest, MonthsKeepTheDayWhereItExists) {
  EXPECT_EQ(Text(EveryMonths(1).Next(std::nullopt, From("2024-01-31T06:00"), At("2024-06-01"))),
            "2024-01-31T06:00 2024-02-29T06:00");
  EXPECT_EQ(Text(EveryMonths(1).InferManualInterval(At("2023-03-31"))),
            "2023-02-28T00:00 2023-03-31T00:00");
  EXPECT_EQ(Ends(EveryMonths(12), "2024-02-29", 2),
            (Times{"2025-02-28T00:00", "2026-02-28T00:00"}));
}

TEST(DeltaTimetableTest, MonthsWithoutCatchupAreRoundedAsThirtyDays) {
  // 19884 days since 1970 are 662 spans of 30 days and 24 days.
  EXPECT_EQ(Text(EveryMonths(1).Next(std::nullopt, From("2024-01-01", false), At("2024-06-10"))),
            "2024-04-17T00:00 2024-05-17T00:00");
}

TEST(DeltaTimetableTest, TheEndDateLimitsTheLogicalDate) {
  EXPECT_EQ(Text(Every(std::chrono::hours(1))
                     .Next(Interval("2024-01-01T00:00", "2024-01-01T01:00"),
                           {At("2024-01-01"), At("2024-01-01T00:30"), true}, At("2024-06-01"))),
            "none");
}

TEST(DeltaTimetableTest, TheSpanMustBePositive) {
  EXPECT_FALSE(Timetable::FromDelta(0, Duration(0)).ok());
  EXPECT_FALSE(Timetable::FromDelta(1, Duration(-1)).ok());
}

// --- none, once, continuous ----------------------------------------------------------------------

TEST(NoTimetableTest, NeverRunsByItself) {
  EXPECT_EQ(Text(Timetable().Next(std::nullopt, From("2024-01-01"), At("2024-06-01"))), "none");
  EXPECT_EQ(Text(Timetable().InferManualInterval(At("2024-06-10T01:00"))),
            "2024-06-10T01:00 2024-06-10T01:00");
}

TEST(OnceTimetableTest, RunsOnceAtTheStartDate) {
  const Timetable once = Timetable::Once();
  EXPECT_EQ(Text(once.Next(std::nullopt, From("2024-01-01", false), At("2024-06-01"))),
            "2024-01-01T00:00 2024-01-01T00:00");
  EXPECT_EQ(
      Text(once.Next(Interval("2024-01-01", "2024-01-01"), From("2024-01-01"), At("2024-06-01"))),
      "none");
  EXPECT_EQ(Text(once.Next(std::nullopt, {}, At("2024-06-01"))), "none");
  EXPECT_EQ(
      Text(once.Next(std::nullopt, {At("2024-02-01"), At("2024-01-01"), true}, At("2024-06-01"))),
      "none");
}

TEST(ContinuousTimetableTest, TheFirstRunReachesFromTheStartDateToNow) {
  const Timetable continuous = Timetable::Continuous();
  EXPECT_EQ(Text(continuous.Next(std::nullopt, From("2024-01-01"), At("2024-06-01"))),
            "2024-01-01T00:00 2024-06-01T00:00");
  EXPECT_EQ(Text(continuous.Next(std::nullopt, From("2024-07-01"), At("2024-06-01"))),
            "2024-07-01T00:00 2024-07-01T00:00");
  EXPECT_EQ(Text(continuous.Next(std::nullopt, {}, At("2024-06-01"))), "none");
  EXPECT_EQ(continuous.active_runs_limit(), 1);
}

TEST(ContinuousTimetableTest, EachRunContinuesWhereTheLastOneEnded) {
  EXPECT_EQ(Text(Timetable::Continuous().Next(Interval("2024-01-01", "2024-05-30"),
                                              From("2024-01-01"), At("2024-06-01"))),
            "2024-05-30T00:00 2024-06-01T00:00");
}

TEST(ContinuousTimetableTest, ALastRunAheadOfTheClockIsPlannedAgainFromTheStartDate) {
  EXPECT_EQ(Text(Timetable::Continuous().Next(Interval("2024-07-01", "2024-07-01T01:00"),
                                              From("2024-07-02"), At("2024-06-01"))),
            "2024-07-02T00:00 2024-07-02T01:00");
}

TEST(ContinuousTimetableTest, TheEndDateLimitsTheEndOfTheInterval) {
  EXPECT_EQ(Text(Timetable::Continuous().Next(
                std::nullopt, {At("2024-01-01"), At("2024-05-01"), true}, At("2024-06-01"))),
            "none");
}

// --- serialized form and summary -----------------------------------------------------------------

TEST(TimetableJsonTest, KnowsEveryKind) {
  const std::pair<const char*, const char*> kSchedules[] = {
      {R"({"kind":"none"})", "None"},
      {R"({"kind":"once"})", "@once"},
      {R"({"kind":"continuous"})", "@continuous"},
      {R"({"expression":"0 6 * * mon","kind":"cron","timezone":"Europe/Warsaw"})", "0 6 * * mon"},
      {R"({"kind":"delta","seconds":5400})", "1:30:00"},
      {R"({"kind":"delta","months":1,"seconds":86400})", "relativedelta(months=+1, days=+1)"},
      {R"({"kind":"cron_trigger","expression":"0 6 * * *","interval":60})", "0 6 * * *"},
      {R"({"kind":"delta_trigger","seconds":60})", "0:01:00"},
      {R"({"kind":"events","dates":["2024-01-01T00:00:00Z"]})", "1 events"},
      {R"({"kind":"datasets","condition":{"uri":"s3://a"}})", "Dataset"},
      {R"({"kind":"datasets_or_time","condition":{"uri":"s3://a"},
          "schedule":{"kind":"cron","expression":"@daily"}})",
       "@daily"},
      {R"({"kind":"custom","class":"m.T","summary":"after workday"})", "after workday"},
  };
  for (const auto& [text, summary] : kSchedules) {
    const auto timetable = Timetable::FromJson(*ParseJson(text));
    ASSERT_TRUE(timetable.ok()) << timetable.error().message;
    EXPECT_EQ(timetable->Summary(), summary);
  }
}

TEST(TimetableJsonTest, DefaultsApply) {
  EXPECT_EQ(Timetable::FromJson(Json())->kind(), ScheduleKind::kNone);
  EXPECT_EQ(Timetable::FromJson(Json::object())->kind(), ScheduleKind::kNone);
}

std::string ErrorOf(const Json& schedule) {
  const auto timetable = Timetable::FromJson(schedule);
  return timetable.ok() ? "accepted" : timetable.error().message;
}

TEST(TimetableJsonTest, ErrorsNameWhatIsWrong) {
  EXPECT_EQ(ErrorOf({{"kind", "weekly"}}), "schedule: its kind 'weekly' is unknown");
  EXPECT_EQ(ErrorOf({{"kind", "cron"}, {"expression", "0 25 * * *"}}),
            "schedule: cron expression '0 25 * * *': hour has 25; values are from 0 to 23");
  EXPECT_EQ(ErrorOf({{"kind", "delta"}}),
            "schedule: the time between runs must be longer than zero");
  EXPECT_NE(ErrorOf({{"kind", "cron"}, {"expression", "@daily"}, {"timezone", "Mars"}})
                .find("time zone 'Mars' is unknown"),
            std::string::npos);
  EXPECT_NE(ErrorOf({{"kind", "delta"}, {"seconds", "60"}}), "accepted");
  EXPECT_NE(ErrorOf(Json("@daily")), "accepted");
}

TEST(TimetableSummaryTest, ReadsAsInAirflow) {
  EXPECT_EQ(Timetable().Summary(), "None");
  EXPECT_EQ(Timetable::Once().Summary(), "@once");
  EXPECT_EQ(Timetable::Continuous().Summary(), "@continuous");
  EXPECT_EQ(Cron("@daily").Summary(), "@daily");
  EXPECT_EQ(Cron("0 6 * * *", "Europe/Warsaw").Summary(), "0 6 * * *");
  EXPECT_EQ(Every(std::chrono::minutes(90)).Summary(), "1:30:00");
  EXPECT_EQ(Every(std::chrono::hours(24)).Summary(), "1 day, 0:00:00");
  EXPECT_EQ(Every(std::chrono::hours(49) + Duration(5)).Summary(), "2 days, 1:00:00.000005");
  EXPECT_EQ(EveryMonths(1).Summary(), "relativedelta(months=+1)");
  EXPECT_EQ(Timetable::FromDelta(14, std::chrono::hours(25))->Summary(),
            "relativedelta(years=+1, months=+2, days=+1, hours=+1)");
}

}  // namespace
}  // namespace beeflow
