#include "os/free_memory.h"

#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace beeflow {
namespace {

// The number behind `name` in a file of lines "name number".
std::optional<int64_t> NumberIn(const char* path, std::string_view name) {
  std::FILE* file = std::fopen(path, "re");
  if (!file) return std::nullopt;
  char line[256];
  std::optional<int64_t> found;
  while (!found && std::fgets(line, sizeof line, file)) {
    if (std::string_view(line).starts_with(name))
      found = std::strtoll(line + name.size(), nullptr, 10);
  }
  std::fclose(file);
  return found;
}

}  // namespace

std::optional<int64_t> AvailableMemoryBytes() {
  const auto kilobytes = NumberIn("/proc/meminfo", "MemAvailable:");
  return kilobytes ? std::optional<int64_t>(*kilobytes * 1024) : std::nullopt;
}

int64_t OutOfMemoryKills() { return NumberIn("/proc/vmstat", "oom_kill ").value_or(0); }

std::optional<int64_t> ResidentBytes(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/status";
  const auto kilobytes = NumberIn(path.c_str(), "VmRSS:");
  return kilobytes ? std::optional<int64_t>(*kilobytes * 1024) : std::nullopt;
}

void ReturnFreeMemory(size_t bytes_max) {
  if (mallinfo2().fordblks > bytes_max) malloc_trim(0);
}

}  // namespace beeflow
