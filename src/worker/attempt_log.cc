#include "worker/attempt_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/utf8.h"

namespace beeflow {
namespace {

std::string_view WithoutTrailingSpace(std::string_view line) {
  const size_t last = line.find_last_not_of(" \t\r\n\v\f");
  return last == std::string_view::npos ? "" : line.substr(0, last + 1);
}

bool StartsWithStamp(std::string_view line) {
  constexpr std::string_view kShape = "[0000-00-00T00:00:00";
  if (line.size() < kShape.size()) return false;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const bool fits = kShape[i] == '0' ? std::isdigit(static_cast<unsigned char>(line[i])) != 0
                                       : kShape[i] == line[i];
    if (!fits) return false;
  }
  return true;
}

}  // namespace

std::string LogStamp(Time now) {
  using std::chrono::milliseconds;
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<milliseconds>(now - day));
  return fmt::format("[{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}+0000] ",
                     static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

Result<AttemptLog> AttemptLog::Open(const std::string& path, StampLines stamp, int64_t bytes_max) {
  BEEFLOW_ASSIGN_OR_RETURN(BoundedFile file, BoundedFile::Open(path, bytes_max));
  return AttemptLog(std::move(file), stamp);
}

void AttemptLog::Append(std::string_view text, std::string_view stamp) {
  file_.Append(text, stamp);
  if (written_) written_();
}

void AttemptLog::Own(Time now, std::string_view level, std::string_view text) {
  const std::string stamp = LogStamp(now);
  const std::string line = fmt::format("{}{} - {}\n", stamp, level, text);
  Append(secrets_.empty() ? line : secrets_.Apply(line), stamp);
}

void AttemptLog::AppendLine(std::string_view stamp, std::string_view line, std::string* out) const {
  if (stamp_ == StampLines::kAll || !StartsWithStamp(line)) out->append(stamp);
  if (secrets_.empty()) {
    out->append(line);
  } else {
    out->append(secrets_.Apply(line));
  }
  out->push_back('\n');
}

// The first bytes of what has no end yet become a line.
void AttemptLog::EmitPartial(std::string_view stamp, size_t bytes, std::string* out) {
  const std::string_view raw = std::string_view(partial_).substr(0, bytes);
  last_line_ = IsCleanUtf8(raw) ? std::string(raw) : CleanUtf8(raw);
  AppendLine(stamp, last_line_, out);
  last_line_.resize(WithoutTrailingSpace(last_line_).size());
  KeepLine();
  partial_.erase(0, bytes);
}

void AttemptLog::Output(Time now, std::string_view bytes) {
  const std::string stamp = LogStamp(now);
  std::string out;
  while (!bytes.empty()) {
    const size_t room = kLineBytesMax - partial_.size();
    const size_t end = bytes.substr(0, room).find('\n');
    if (end == std::string_view::npos && bytes.size() < room) {
      partial_.append(bytes);
      break;
    }
    partial_.append(bytes.substr(0, std::min(end, room)));
    bytes.remove_prefix(end == std::string_view::npos ? room : end + 1);
    // A line, or a piece of one that is too long: the rest goes on as a line of its own.
    const bool is_cut = end == std::string_view::npos;
    EmitPartial(stamp, partial_.size() - (is_cut ? IncompleteUtf8Bytes(partial_) : 0), &out);
  }
  if (partial_.empty()) std::string().swap(partial_);
  if (!out.empty()) Append(out, stamp);
}

void AttemptLog::KeepLines(size_t bytes_max) {
  lines_.emplace();
  line_bytes_left_ = bytes_max;
}

void AttemptLog::KeepLine() {
  if (!lines_) return;
  if (last_line_.size() >= line_bytes_left_) return lines_.reset();
  line_bytes_left_ -= last_line_.size() + 1;
  lines_->push_back(last_line_);
}

void AttemptLog::FlushOutput(Time now) {
  if (!partial_.empty()) Output(now, "\n");
}

}  // namespace beeflow
