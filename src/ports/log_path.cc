#include "ports/log_path.h"

#include <algorithm>
#include <charconv>

namespace beeflow {
namespace {

constexpr std::string_view kMarkBefore = "WARNING - ";
constexpr std::string_view kMarkAfter = " bytes were left out here; [logging] attempt_log_mb_max";

}  // namespace

std::string LeftOutMark(int64_t bytes) {
  std::string digits = std::to_string(bytes);
  constexpr size_t kDigits = 15;  // of one length, so that what follows keeps its place
  digits.insert(0, kDigits - std::min(kDigits, digits.size()), ' ');
  return std::string(kMarkBefore) + digits + std::string(kMarkAfter) + " limits the log\n";
}

std::optional<int64_t> LeftOutBytes(std::string_view line) {
  const size_t after = line.find(kMarkAfter);
  const size_t before = line.find(kMarkBefore);
  if (after == std::string_view::npos || before == std::string_view::npos) return std::nullopt;
  const size_t digits = line.find_first_not_of(' ', before + kMarkBefore.size());
  int64_t bytes = 0;
  const auto read = std::from_chars(line.data() + digits, line.data() + after, bytes);
  if (digits >= after || read.ptr != line.data() + after) return std::nullopt;
  return bytes;
}

std::string EscapeForPath(std::string_view id) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(id.size());
  for (const char c : id) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f && c != '/' && c != '%') {
      out += c;
      continue;
    }
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string AttemptLogPath(const RunKey& run, std::string_view task_id, int map_index,
                           int try_number) {
  std::string path = "dag_id=" + EscapeForPath(run.dag_id) +
                     "/run_id=" + EscapeForPath(run.run_id) + "/task_id=" + EscapeForPath(task_id) +
                     "/";
  if (map_index >= 0) path += "map_index=" + std::to_string(map_index) + "/";
  return path + "attempt=" + std::to_string(try_number) + ".log";
}

}  // namespace beeflow
