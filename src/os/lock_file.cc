#include "os/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace beeflow {
namespace {

bool SameFile(int fd, const std::string& path) {
  struct stat open_file, named;
  return fstat(fd, &open_file) == 0 && stat(path.c_str(), &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

}  // namespace

Result<LockFile> LockFile::Acquire(const std::string& path) {
  while (true) {
    UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return Unavailable(fmt::format("{}: cannot open: {}", path, strerror(errno)));
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) {
        return Unavailable(fmt::format("{}: cannot lock: {}", path, strerror(errno)));
      }
      return Conflict(fmt::format("{}: held by process {}", path, Holder(path).value_or(0)));
    }
    // Someone may have removed the file between open and flock; a lock on it would bind nobody.
    if (!SameFile(fd.get(), path)) continue;
    const std::string pid = fmt::format("{}\n", getpid());
    if (ftruncate(fd.get(), 0) != 0 ||
        pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
      return Unavailable(fmt::format("{}: cannot write: {}", path, strerror(errno)));
    }
    return LockFile(std::move(fd));
  }
}

bool LockFile::IsHeld(const std::string& path) {
  // A shared lock for a moment: it cannot make an Acquire at the same time fail for long, since
  // whoever starts a worker tries again.
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return false;
  return flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::optional<pid_t> LockFile::Holder(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char text[32];
  const ssize_t size = fd ? read(fd.get(), text, sizeof text) : -1;
  pid_t pid = 0;
  if (size <= 0 || std::from_chars(text, text + size, pid).ec != std::errc() || pid <= 0) {
    return std::nullopt;
  }
  return pid;
}

}  // namespace beeflow
