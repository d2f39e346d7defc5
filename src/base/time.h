// Points in time and spans, in microseconds of UTC, and their text forms. Nothing here reads a
// clock: see ports/clock.h.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace beeflow {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;

constexpr Duration Seconds(double seconds) {
  return Duration(static_cast<Duration::rep>(seconds * 1e6));
}
constexpr double ToSeconds(Duration d) { return static_cast<double>(d.count()) / 1e6; }

// "2021-01-01T00:00:00+00:00", with ".ffffff" only where it is not zero: what Python's
// datetime.isoformat() writes, and what run ids are made of.
std::string FormatIso(Time t);

// "2021-01-01 00:00:00.000000": what Airflow keeps in SQLite; sorts as text.
std::string FormatSql(Time t);
// The same with "+00:00" appended: what exports use.
std::string FormatSqlWithZone(Time t);

// Reads ISO 8601 dates and date-times: "2021-01-01", "2021-01-01T05:00", with seconds, fractions of
// up to nine digits, 'T' or a space, and "Z" or an offset. Without an offset it is UTC.
Result<Time> ParseTime(std::string_view text);

}  // namespace beeflow
