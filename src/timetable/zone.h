// Time zones: UTC, fixed offsets, and the IANA zones of the system's tzdata.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "timetable/local_time.h"

namespace date {
class time_zone;
}

namespace beeflow {

// An immutable handle, cheap to copy and safe to use from any thread. The rules behind a named zone
// are read from the system's tzdata when the first named zone is looked up, and then live as long
// as the process. tzdata lists transitions up to 2037; later times keep the offset of that year's
// end.
class Zone {
 public:
  // UTC; touches no tzdata.
  Zone() = default;

  // "UTC", an offset such as "+02:00", or an IANA name such as "Europe/Warsaw". kNotFound names a
  // zone that does not exist.
  static Result<Zone> Find(std::string_view name);

  const std::string& name() const { return name_; }

  LocalTime ToLocal(Time time) const;
  // Where clocks were set back and a reading occurs twice, its second occurrence. Where they were
  // set forward and it does not occur, the moment it would have been had they not been.
  Time ToUtc(LocalTime local) const;

 private:
  Zone(std::string name, Duration offset, const date::time_zone* rules)
      : name_(std::move(name)), offset_(offset), rules_(rules) {}

  std::string name_ = "UTC";
  Duration offset_{0};                      // Of a fixed zone.
  const date::time_zone* rules_ = nullptr;  // Null for a fixed zone; owned by the date library.
};

}  // namespace beeflow
