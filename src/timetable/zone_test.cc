#include "timetable/zone.h"

#include <gtest/gtest.h>

#include <string>

namespace beeflow {
namespace {

LocalTime Local(const std::string& text) { return LocalTime(ParseTime(text)->time_since_epoch()); }

std::string UtcOf(const std::string& zone, const std::string& local) {
  return FormatIso(Zone::Find(zone)->ToUtc(Local(local))).substr(0, 16);
}

std::string LocalOf(const std::string& zone, const std::string& utc) {
  const LocalTime local = Zone::Find(zone)->ToLocal(*ParseTime(utc));
  return FormatIso(Time(local.time_since_epoch())).substr(0, 16);
}

TEST(ZoneTest, UtcIsTheDefault) {
  EXPECT_EQ(Zone().name(), "UTC");
  EXPECT_EQ(LocalOf("UTC", "2024-07-01T12:00"), "2024-07-01T12:00");
}

TEST(ZoneTest, FixedOffsets) {
  EXPECT_EQ(LocalOf("+02:00", "2024-07-01T12:00"), "2024-07-01T14:00");
  EXPECT_EQ(LocalOf("-03:30", "2024-07-01T01:00"), "2024-06-30T21:30");
  EXPECT_EQ(UtcOf("-03:30", "2024-06-30T21:30"), "2024-07-01T01:00");
  EXPECT_EQ(Zone::Find("+02:00")->name(), "+02:00");
}

TEST(ZoneTest, NamedZonesFollowTheirRules) {
  EXPECT_EQ(LocalOf("Europe/Warsaw", "2024-01-01T12:00"), "2024-01-01T13:00");
  EXPECT_EQ(LocalOf("Europe/Warsaw", "2024-07-01T12:00"), "2024-07-01T14:00");
  EXPECT_EQ(UtcOf("America/New_York", "2024-07-01T12:00"), "2024-07-01T16:00");
  EXPECT_EQ(UtcOf("Asia/Kathmandu", "2024-07-01T12:00"), "2024-07-01T06:15");
}

TEST(ZoneTest, TimesBefore1970KeepTheirFractions) {
  const Zone warsaw = *Zone::Find("Europe/Warsaw");
  const Time time = *ParseTime("1965-06-01T12:00:00.25Z");
  EXPECT_EQ(warsaw.ToUtc(warsaw.ToLocal(time)), time);
}

TEST(ZoneTest, AReadingThatOccursTwiceIsTheSecond) {
  EXPECT_EQ(UtcOf("Europe/Warsaw", "2024-10-27T02:30"), "2024-10-27T01:30");
  EXPECT_EQ(UtcOf("America/New_York", "2024-11-03T01:30"), "2024-11-03T06:30");
  EXPECT_EQ(UtcOf("Australia/Lord_Howe", "2024-04-07T01:45"), "2024-04-06T15:15");
}

TEST(ZoneTest, AReadingThatDoesNotOccurIsShiftedForward) {
  // 02:30 becomes 03:30 summer time.
  EXPECT_EQ(UtcOf("Europe/Warsaw", "2024-03-31T02:30"), "2024-03-31T01:30");
  EXPECT_EQ(UtcOf("America/New_York", "2024-03-10T02:30"), "2024-03-10T07:30");
  // Lord Howe shifts by half an hour: 02:15 becomes 02:45.
  EXPECT_EQ(UtcOf("Australia/Lord_Howe", "2024-10-06T02:15"), "2024-10-05T15:45");
}

TEST(ZoneTest, UnknownZonesAreNamed) {
  const char* const kUnknown[] = {"Mars/Olympus", "", "+2", "+24:00", "+02:60", "../etc/passwd"};
  for (const char* name : kUnknown) {
    const auto zone = Zone::Find(name);
    ASSERT_FALSE(zone.ok()) << name;
    EXPECT_EQ(zone.error().code, ErrorCode::kNotFound);
    EXPECT_NE(zone.error().message.find("'" + std::string(name) + "'"), std::string::npos);
  }
}

}  // namespace
}  // namespace beeflow
