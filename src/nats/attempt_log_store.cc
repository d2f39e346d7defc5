#include "nats/attempt_log_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "os/unique_fd.h"
#include "ports/log_path.h"

namespace beeflow {

std::string AttemptLogStore::PathOf(const Attempt& attempt) const {
  return fmt::format("{}/{}", folder_,
                     AttemptLogPath(attempt.run.key, attempt.dag->tasks.at(attempt.task).id,
                                    attempt.map_index, attempt.try_number));
}

int64_t AttemptLogStore::Size(const Attempt& attempt) const {
  struct stat info {};
  return stat(PathOf(attempt).c_str(), &info) == 0 ? info.st_size : 0;
}

Status AttemptLogStore::Write(const Attempt& attempt, int64_t offset, bool cut,
                              const std::string& text) const {
  const std::string path = PathOf(attempt);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  UniqueFd file(open(path.c_str(), kFlags, 0644));
  if (!file && errno == ENOENT) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
    file.reset(open(path.c_str(), kFlags, 0644));
  }
  bool is_written = file && (!cut || ftruncate(file.get(), offset) == 0);
  for (std::string_view rest = text; is_written && !rest.empty();) {
    const ssize_t size = pwrite(file.get(), rest.data(), rest.size(), offset);
    is_written = size > 0 || (size < 0 && errno == EINTR);
    if (size <= 0) continue;
    rest.remove_prefix(static_cast<size_t>(size));
    offset += size;
  }
  if (is_written) return Ok();
  return Unavailable(fmt::format("cannot write the log file {}: {}", path, strerror(errno)));
}

}  // namespace beeflow
