// Feeds arbitrary text to the cron parser. Whatever it accepts must have matches, and the same ones
// in both directions.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "timetable/cron.h"

using beeflow::Cron;
using beeflow::LocalTime;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto cron = Cron::Parse({reinterpret_cast<const char*>(data), size});
  if (!cron.ok()) {
    BEEFLOW_CHECK(!cron.error().message.empty());
    return 0;
  }
  // From the eve of a leap day on, before eight years without one.
  const LocalTime start(std::chrono::local_days(std::chrono::year(2096) / 2 / 28));
  LocalTime time = cron->Next(start);
  BEEFLOW_CHECK(time > start);
  BEEFLOW_CHECK(cron->Previous(time) <= start);
  for (int i = 0; i < 8; ++i) {
    const LocalTime next = cron->Next(time);
    BEEFLOW_CHECK(next > time);
    BEEFLOW_CHECK(cron->Previous(next) == time);
    time = next;
  }
  return 0;
}
