#include "timetable/zone.h"

#include <date/tz.h>

#include <optional>
#include <stdexcept>

namespace beeflow {
namespace {

std::optional<int> TwoDigits(std::string_view text) {
  if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

// "+02:00" or "-05:30", below 24 hours.
std::optional<Duration> ParseOffset(std::string_view text) {
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = TwoDigits(text.substr(1, 2));
  const auto minutes = TwoDigits(text.substr(4, 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const Duration offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return text[0] == '-' ? -offset : offset;
}

bool IsUtc(std::string_view name) { return name == "UTC" || name == "utc" || name == "Z"; }

// The date library reports an unknown name and broken zone data by throwing. It reads a zone's data
// on first use, so asking for one offset here keeps later calls from failing.
const date::time_zone* LocateRules(const std::string& name) {
  try {
    const date::time_zone* rules = date::locate_zone(name);
    rules->get_info(date::sys_seconds());
    return rules;
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

Result<Zone> Zone::Find(std::string_view name) {
  if (IsUtc(name)) return Zone();
  if (const auto offset = ParseOffset(name)) return Zone(std::string(name), *offset, nullptr);
  std::string text(name);
  if (const date::time_zone* rules = LocateRules(text)) {
    return Zone(std::move(text), Duration(0), rules);
  }
  return NotFound("time zone '" + text +
                  "' is unknown; use an IANA name such as Europe/Warsaw that the installed tzdata "
                  "has, an offset such as +02:00, or UTC");
}

LocalTime Zone::ToLocal(Time time) const {
  Duration offset = offset_;
  if (rules_) {
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    offset = rules_->get_info(date::sys_seconds(second.time_since_epoch())).offset;
  }
  return LocalTime(time.time_since_epoch() + offset);
}

Time Zone::ToUtc(LocalTime local) const {
  Duration offset = offset_;
  if (rules_) {
    const auto second = std::chrono::floor<std::chrono::seconds>(local);
    const date::local_info info = rules_->get_info(date::local_seconds(second.time_since_epoch()));
    const bool twice = info.result == date::local_info::ambiguous;
    offset = (twice ? info.second : info.first).offset;
  }
  return Time(local.time_since_epoch() - offset);
}

}  // namespace beeflow
