#include "timetable/cron.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace beeflow {
namespace {

// Local times are written and shown like UTC; the tests below need no zone.
LocalTime At(const std::string& text) { return LocalTime(ParseTime(text)->time_since_epoch()); }

std::string Text(LocalTime local) {
  return FormatIso(Time(local.time_since_epoch())).substr(0, 16);
}

Cron Parsed(const std::string& expression) { return *Cron::Parse(expression); }

std::vector<std::string> NextTimes(const std::string& expression, const std::string& after,
                                   int count) {
  const Cron cron = Parsed(expression);
  std::vector<std::string> times;
  LocalTime at = At(after);
  for (int i = 0; i < count; ++i) {
    at = cron.Next(at);
    times.push_back(Text(at));
  }
  return times;
}

std::vector<std::string> PreviousTimes(const std::string& expression, const std::string& before,
                                       int count) {
  const Cron cron = Parsed(expression);
  std::vector<std::string> times;
  LocalTime at = At(before);
  for (int i = 0; i < count; ++i) {
    at = cron.Previous(at);
    times.push_back(Text(at));
  }
  return times;
}

std::string ErrorOf(const std::string& expression) {
  const auto cron = Cron::Parse(expression);
  return cron.ok() ? "accepted" : cron.error().message;
}

// Two expressions are taken for equal if a year and a half of their matches is.
void ExpectSame(const std::string& a, const std::string& b) {
  EXPECT_EQ(NextTimes(a, "2023-11-30", 600), NextTimes(b, "2023-11-30", 600)) << a << " and " << b;
}

using Times = std::vector<std::string>;

TEST(CronTest, NextAndPreviousNeverReturnTheGivenTime) {
  const Cron noon = Parsed("0 12 * * *");
  EXPECT_EQ(Text(noon.Next(At("2024-05-01T12:00"))), "2024-05-02T12:00");
  EXPECT_EQ(Text(noon.Previous(At("2024-05-01T12:00"))), "2024-04-30T12:00");
}

TEST(CronTest, FractionsOfAMinuteCount) {
  const Cron noon = Parsed("0 12 * * *");
  EXPECT_EQ(Text(noon.Next(At("2024-05-01T11:59:59.999999"))), "2024-05-01T12:00");
  EXPECT_EQ(Text(noon.Next(At("2024-05-01T12:00:00.000001"))), "2024-05-02T12:00");
  EXPECT_EQ(Text(noon.Previous(At("2024-05-01T12:00:00.000001"))), "2024-05-01T12:00");
  EXPECT_EQ(Text(noon.Previous(At("2024-05-01T11:59:59.999999"))), "2024-04-30T12:00");
}

TEST(CronTest, WalksThroughListsRangesAndSteps) {
  EXPECT_EQ(NextTimes("5,35 8-10/2 * * *", "2024-01-01", 5),
            (Times{"2024-01-01T08:05", "2024-01-01T08:35", "2024-01-01T10:05", "2024-01-01T10:35",
                   "2024-01-02T08:05"}));
  EXPECT_EQ(PreviousTimes("5,35 8-10/2 * * *", "2024-01-01", 3),
            (Times{"2023-12-31T10:35", "2023-12-31T10:05", "2023-12-31T08:35"}));
}

TEST(CronTest, AValueWithAStepRunsToTheEndOfTheField) {
  ExpectSame("10/20 * * * *", "10,30,50 * * * *");
  ExpectSame("0 0 1 nov/1 *", "0 0 1 11,12 *");
  ExpectSame("0 0 * * 5/1", "0 0 * * 5,6,0");
}

TEST(CronTest, NamesAreReadInAnyCase) {
  ExpectSame("0 0 1 JAN,Jul *", "0 0 1 1,7 *");
  ExpectSame("0 0 * * Mon-FRI", "0 0 * * 1-5");
}

TEST(CronTest, SundayIsZeroAndSeven) {
  ExpectSame("0 0 * * 7", "0 0 * * 0");
  ExpectSame("0 0 * * 5-7", "0 0 * * 0,5,6");
}

TEST(CronTest, RangesWrapOnlyToSunday) {
  ExpectSame("0 0 * * fri-sun", "0 0 * * 5,6,0");
  ExpectSame("0 0 * * 5-0", "0 0 * * 5,6,0");
  EXPECT_EQ(ErrorOf("0 0 * * fri-mon"),
            "cron expression '0 0 * * fri-mon': day of week has the range 'fri-mon', which runs "
            "backwards; split it in two at the end of the field");
}

TEST(CronTest, QuestionMarkIsAStarInTheDayFields) {
  ExpectSame("0 0 ? * 1", "0 0 * * 1");
  ExpectSame("0 0 5 * ?", "0 0 5 * *");
  EXPECT_NE(ErrorOf("? 0 * * *"), "accepted");
}

TEST(CronTest, EitherRestrictedDayFieldMatches) {
  EXPECT_EQ(
      NextTimes("0 0 13 * 5", "2024-09-06", 4),
      (Times{"2024-09-13T00:00", "2024-09-20T00:00", "2024-09-27T00:00", "2024-10-04T00:00"}));
  // 31 February does not exist, but its Mondays do.
  EXPECT_EQ(NextTimes("0 0 31 2 1", "2024-02-20", 2),
            (Times{"2024-02-26T00:00", "2025-02-03T00:00"}));
}

TEST(CronTest, AFieldWithAllItsValuesIsAStar) {
  ExpectSame("0 0 13 * 0-6", "0 0 13 * *");
  ExpectSame("0 0 1-31 * 5", "0 0 * * 5");
  ExpectSame("0 0 */1 * 5", "0 0 * * 5");
  EXPECT_TRUE(Parsed("30 0-23 * * *").covers_every_hour());
  EXPECT_FALSE(Parsed("30 */2 * * *").covers_every_hour());
}

TEST(CronTest, LastDayOfTheMonth) {
  EXPECT_EQ(NextTimes("0 0 L * *", "2024-01-31T12:00", 3),
            (Times{"2024-02-29T00:00", "2024-03-31T00:00", "2024-04-30T00:00"}));
  EXPECT_EQ(PreviousTimes("0 0 L * *", "2023-03-31", 2),
            (Times{"2023-02-28T00:00", "2023-01-31T00:00"}));
  ExpectSame("0 0 29-L * *", "0 0 29,30,31 * *");
}

TEST(CronTest, NthWeekdayOfTheMonth) {
  EXPECT_EQ(NextTimes("0 0 * * 5#3", "2024-09-01", 2),
            (Times{"2024-09-20T00:00", "2024-10-18T00:00"}));
  EXPECT_EQ(NextTimes("0 0 * * mon#5", "2024-02-01", 3),
            (Times{"2024-04-29T00:00", "2024-07-29T00:00", "2024-09-30T00:00"}));
  ExpectSame("0 0 * * 7#1,sun#2", "0 0 * * 0#1,0#2");
}

TEST(CronTest, LastWeekdayOfTheMonth) {
  EXPECT_EQ(NextTimes("0 0 * * L5", "2024-02-01", 3),
            (Times{"2024-02-23T00:00", "2024-03-29T00:00", "2024-04-26T00:00"}));
  EXPECT_EQ(PreviousTimes("0 0 * * L4", "2024-03-01", 1), (Times{"2024-02-29T00:00"}));
}

TEST(CronTest, NthWeekdayOrDayOfMonth) {
  EXPECT_EQ(NextTimes("0 0 15 * 1#1", "2024-09-01", 3),
            (Times{"2024-09-02T00:00", "2024-09-15T00:00", "2024-10-07T00:00"}));
}

TEST(CronTest, SkipsMonthsWithoutTheDay) {
  EXPECT_EQ(NextTimes("0 0 31 * *", "2024-01-31", 3),
            (Times{"2024-03-31T00:00", "2024-05-31T00:00", "2024-07-31T00:00"}));
  EXPECT_EQ(NextTimes("0 0 1,30 * *", "2023-02-10", 1), (Times{"2023-03-01T00:00"}));
}

TEST(CronTest, LeapDays) {
  EXPECT_EQ(NextTimes("0 0 29 2 *", "2023-01-01", 2),
            (Times{"2024-02-29T00:00", "2028-02-29T00:00"}));
  EXPECT_EQ(NextTimes("0 0 29 2 *", "2096-03-01", 1), (Times{"2104-02-29T00:00"}));
  EXPECT_EQ(PreviousTimes("0 0 29 2 *", "2104-02-29", 1), (Times{"2096-02-29T00:00"}));
  EXPECT_EQ(PreviousTimes("0 0 * 2 *", "2024-03-05", 1), (Times{"2024-02-29T00:00"}));
}

TEST(CronTest, FindsTheRarestDates) {
  // A fifth Monday of February: 2072 is 28 years after 2044, but 2100 is no leap year.
  EXPECT_EQ(NextTimes("0 0 * 2 1#5", "2044-03-01", 2),
            (Times{"2072-02-29T00:00", "2112-02-29T00:00"}));
  EXPECT_EQ(PreviousTimes("0 0 * 2 1#5", "2112-02-29", 1), (Times{"2072-02-29T00:00"}));
}

TEST(CronTest, CrossesYears) {
  EXPECT_EQ(NextTimes("59 23 31 12 *", "2024-12-31T23:59", 1), (Times{"2025-12-31T23:59"}));
  EXPECT_EQ(PreviousTimes("59 23 31 12 *", "2024-01-01", 1), (Times{"2023-12-31T23:59"}));
  EXPECT_EQ(PreviousTimes("0 0 1 1 *", "1970-01-01", 1), (Times{"1969-01-01T00:00"}));
}

TEST(CronTest, PresetsStandForTheirExpressions) {
  ExpectSame("@hourly", "0 * * * *");
  ExpectSame("@daily", "0 0 * * *");
  ExpectSame("@midnight", "0 0 * * *");
  ExpectSame("@weekly", "0 0 * * 0");
  EXPECT_EQ(NextTimes("@monthly", "2024-01-15", 1), (Times{"2024-02-01T00:00"}));
  EXPECT_EQ(NextTimes("@quarterly", "2024-01-15", 2),
            (Times{"2024-04-01T00:00", "2024-07-01T00:00"}));
  EXPECT_EQ(NextTimes("@yearly", "2024-01-15", 1), (Times{"2025-01-01T00:00"}));
  EXPECT_EQ(NextTimes("@annually", "2024-01-15", 1), (Times{"2025-01-01T00:00"}));
}

TEST(CronTest, ErrorsNameTheExpressionAndTheField) {
  EXPECT_EQ(ErrorOf("61 * * * *"),
            "cron expression '61 * * * *': minute has 61; values are from 0 to 59");
  EXPECT_EQ(ErrorOf("0 0 0 * *"),
            "cron expression '0 0 0 * *': day of month has 0; values are from 1 to 31");
  EXPECT_EQ(ErrorOf("0 0 * foo *"),
            "cron expression '0 0 * foo *': month has 'foo', which is no value of this field");
  EXPECT_EQ(ErrorOf("*/0 * * * *"),
            "cron expression '*/0 * * * *': minute has the step '0'; a step is a number from 1");
  EXPECT_EQ(ErrorOf("1,,2 * * * *"),
            "cron expression '1,,2 * * * *': minute has an empty list item");
  EXPECT_EQ(ErrorOf("0 0 * * 1#6"),
            "cron expression '0 0 * * 1#6': day of week has '1#6'; what follows # must be from 1 "
            "to 5");
  EXPECT_EQ(ErrorOf("0 0 * * 1,2#1"),
            "cron expression '0 0 * * 1,2#1': day of week mixes days of the week with the n-th or "
            "last one of a month");
}

TEST(CronTest, ErrorsNameMissingAndSurplusFields) {
  EXPECT_EQ(ErrorOf("* * *"),
            "cron expression '* * *' has 3 fields; it needs five: minute, hour, day of month, "
            "month, day of week");
  EXPECT_NE(ErrorOf("0 0 * * * *"), "accepted");
  EXPECT_NE(ErrorOf(""), "accepted");
  EXPECT_NE(ErrorOf("@fortnightly"), "accepted");
}

TEST(CronTest, RejectsDatesThatDoNotExist) {
  EXPECT_EQ(ErrorOf("0 0 30 2 *"),
            "cron expression '0 0 30 2 *' matches no date: no selected month has such a day of "
            "month");
  EXPECT_NE(ErrorOf("0 0 31 4,6,9,11 *"), "accepted");
  EXPECT_EQ(ErrorOf("0 0 31 4,5 *"), "accepted");
}

TEST(CronTest, HugeNumbersDoNotWrapAround) {
  EXPECT_NE(ErrorOf("18446744073709551616 * * * *"), "accepted");
  EXPECT_NE(ErrorOf("0 4294967296 * * *"), "accepted");
  ExpectSame("0 3/99999999999999999999 * * *", "0 3 * * *");
}

}  // namespace
}  // namespace beeflow
