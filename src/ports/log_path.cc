#include "ports/log_path.h"

namespace beeflow {

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
