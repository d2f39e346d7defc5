#include "main/resources.h"

#include <filesystem>

namespace beeflow {

std::string ExecutablePath() {
  std::error_code failed;
  return std::filesystem::read_symlink("/proc/self/exe", failed).string();
}

Result<std::string> FindResource(const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(ExecutablePath()).parent_path();
  std::string tried;
  for (const char* base : {"../share/beeflow", ".."}) {
    const auto candidate = (folder / base / name).lexically_normal();
    std::error_code failed;
    if (std::filesystem::is_directory(candidate, failed)) return candidate.string();
    tried += (tried.empty() ? "" : " or ") + candidate.string();
  }
  return NotFound("cannot find Beeflow's own files: there is no folder " + tried +
                  "; install it again with: make install");
}

}  // namespace beeflow
