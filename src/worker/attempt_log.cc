#include "worker/attempt_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>

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

Result<AttemptLog> AttemptLog::Open(const std::string& path, StampLines stamp) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  UniqueFd fd(open(path.c_str(), kFlags, 0644));
  if (!fd && errno == ENOENT) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    if (error) {
      return Unavailable(
          fmt::format("cannot create the folder of the log file {}: {}", path, error.message()));
    }
    fd.reset(open(path.c_str(), kFlags, 0644));
  }
  if (!fd) {
    return Unavailable(fmt::format("cannot open the log file {}: {}", path, strerror(errno)));
  }
  return AttemptLog(std::move(fd), stamp);
}

void AttemptLog::Own(Time now, std::string_view level, std::string_view text) {
  Write(fmt::format("{}{} - {}\n", LogStamp(now), level, text));
}

void AttemptLog::AppendLine(std::string_view stamp, std::string_view line, std::string* out) const {
  if (stamp_ == StampLines::kAll || !StartsWithStamp(line)) out->append(stamp);
  out->append(line);
  out->push_back('\n');
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
    // A line, or a piece of one that is too long: the rest goes on as a line of its own.
    partial_.append(bytes.substr(0, std::min(end, room)));
    bytes.remove_prefix(end == std::string_view::npos ? room : end + 1);
    AppendLine(stamp, partial_, &out);
    last_line_ = WithoutTrailingSpace(partial_);
    partial_.clear();
  }
  if (partial_.empty()) std::string().swap(partial_);
  if (!out.empty()) Write(out);
}

void AttemptLog::FlushOutput(Time now) {
  if (!partial_.empty()) Output(now, "\n");
}

void AttemptLog::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = write(fd_.get(), text.data(), text.size());
    // A full disk costs the log, not the attempt.
    if (size < 0 && errno != EINTR) return;
    if (size > 0) text.remove_prefix(static_cast<size_t>(size));
  }
}

}  // namespace beeflow
