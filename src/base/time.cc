#include "base/time.h"

#include <array>
#include <cstdint>

namespace beeflow {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::year_month_day;

struct Parts {
  int year, month, day, hour, minute, second, microsecond;
};

Parts Split(Time t) {
  const auto day = floor<days>(t);
  const year_month_day ymd(day);
  const hh_mm_ss<Duration> hms(t - day);
  return {static_cast<int>(ymd.year()),
          static_cast<int>(static_cast<unsigned>(ymd.month())),
          static_cast<int>(static_cast<unsigned>(ymd.day())),
          static_cast<int>(hms.hours().count()),
          static_cast<int>(hms.minutes().count()),
          static_cast<int>(hms.seconds().count()),
          static_cast<int>(hms.subseconds().count())};
}

void AppendNumber(std::string* out, int value, int width) {
  std::array<char, 12> digits{};
  for (int i = width - 1; i >= 0; --i) {
    digits[static_cast<size_t>(i)] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out->append(digits.data(), static_cast<size_t>(width));
}

std::string Format(Time t, char separator, bool always_fraction) {
  const Parts p = Split(t);
  std::string out;
  out.reserve(32);
  AppendNumber(&out, p.year, 4);
  out += '-';
  AppendNumber(&out, p.month, 2);
  out += '-';
  AppendNumber(&out, p.day, 2);
  out += separator;
  AppendNumber(&out, p.hour, 2);
  out += ':';
  AppendNumber(&out, p.minute, 2);
  out += ':';
  AppendNumber(&out, p.second, 2);
  if (always_fraction || p.microsecond != 0) {
    out += '.';
    AppendNumber(&out, p.microsecond, 6);
  }
  return out;
}

// Reads the text from left to right; every method fails softly by clearing `ok`.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool ok = true;
  bool done() const { return position_ == text_.size(); }
  bool Skip(char c) {
    if (done() || text_[position_] != c) return false;
    ++position_;
    return true;
  }
  void Expect(char c) { ok = ok && Skip(c); }

  int Number(int width) {
    int value = 0;
    for (int i = 0; i < width; ++i) {
      if (done() || text_[position_] < '0' || text_[position_] > '9') {
        ok = false;
        return 0;
      }
      value = value * 10 + (text_[position_++] - '0');
    }
    return value;
  }

  int Fraction() {
    int value = 0;
    int read = 0;
    while (!done() && text_[position_] >= '0' && text_[position_] <= '9' && read < 9) {
      if (read < 6) value = value * 10 + (text_[position_] - '0');
      ++position_;
      ++read;
    }
    if (read == 0) ok = false;
    for (int i = read; i < 6; ++i) value *= 10;
    return value;
  }

  // The offset from UTC that ends the text; nothing or "Z" is UTC.
  Duration Offset() {
    if (done() || Skip('Z') || Skip('z')) return Duration(0);
    const bool minus = Skip('-');
    if (!minus) Expect('+');
    const int hours = Number(2);
    int minutes = 0;
    if (!done()) {
      Skip(':');
      minutes = Number(2);
    }
    if (hours > 23 || minutes > 59) ok = false;
    const Duration offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return minus ? -offset : offset;
  }

 private:
  std::string_view text_;
  size_t position_ = 0;
};

}  // namespace

std::string FormatIso(Time t) { return Format(t, 'T', false) + "+00:00"; }
std::string FormatSql(Time t) { return Format(t, ' ', true); }
std::string FormatSqlWithZone(Time t) { return Format(t, ' ', true) + "+00:00"; }

Result<Time> ParseTime(std::string_view text) {
  Scanner in(text);
  Parts p{};
  p.year = in.Number(4);
  in.Expect('-');
  p.month = in.Number(2);
  in.Expect('-');
  p.day = in.Number(2);
  Duration offset(0);
  if (in.ok && !in.done()) {
    if (!in.Skip('T') && !in.Skip('t')) in.Expect(' ');
    p.hour = in.Number(2);
    in.Expect(':');
    p.minute = in.Number(2);
    if (in.Skip(':')) {
      p.second = in.Number(2);
      if (in.Skip('.')) p.microsecond = in.Fraction();
    }
    offset = in.Offset();
  }
  const year_month_day ymd(std::chrono::year(p.year), std::chrono::month(unsigned(p.month)),
                           std::chrono::day(unsigned(p.day)));
  if (!in.ok || !in.done() || !ymd.ok() || p.hour > 23 || p.minute > 59 || p.second > 59) {
    return Invalid("'" + std::string(text) +
                   "' is not a date or time; write it as 2021-01-31 or 2021-01-31T15:00:00+00:00");
  }
  const Time local = std::chrono::sys_days(ymd) + std::chrono::hours(p.hour) +
                     std::chrono::minutes(p.minute) + std::chrono::seconds(p.second) +
                     Duration(p.microsecond);
  return local - offset;
}

}  // namespace beeflow
