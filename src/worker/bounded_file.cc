#include "worker/bounded_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "ports/log_path.h"

namespace beeflow {
namespace {

constexpr size_t kCopyBytes = 256 * 1024;

// The position behind the first newline at or after `from`; `from` where there is none near.
int64_t LineAfter(int fd, int64_t from) {
  std::vector<char> buffer(kCopyBytes);
  const ssize_t size = pread(fd, buffer.data(), buffer.size(), from);
  if (size <= 0) return from;
  const void* found = memchr(buffer.data(), '\n', static_cast<size_t>(size));
  return found ? from + (static_cast<const char*>(found) - buffer.data()) + 1 : from;
}

bool WriteAll(int fd, std::string_view text, int64_t at) {
  while (!text.empty()) {
    const ssize_t size = pwrite(fd, text.data(), text.size(), at);
    if (size < 0 && errno != EINTR) return false;
    if (size <= 0) continue;
    text.remove_prefix(static_cast<size_t>(size));
    at += size;
  }
  return true;
}

// Moves bytes towards the beginning of the file.
bool MoveDown(int fd, int64_t from, int64_t end, int64_t to) {
  std::vector<char> buffer(kCopyBytes);
  while (from < end) {
    const auto want = static_cast<size_t>(std::min<int64_t>(end - from, kCopyBytes));
    const ssize_t size = pread(fd, buffer.data(), want, from);
    if (size <= 0 || !WriteAll(fd, {buffer.data(), static_cast<size_t>(size)}, to)) return false;
    from += size;
    to += size;
  }
  return true;
}

// Of the folders on the way to a log file mostly only the last is missing.
std::error_code MakeFolderOf(const std::string& path) {
  const std::string folder = path.substr(0, path.rfind('/'));
  std::error_code error;
  if (mkdir(folder.c_str(), 0777) != 0) std::filesystem::create_directories(folder, error);
  return error;
}

}  // namespace

Result<BoundedFile> BoundedFile::Open(const std::string& path, int64_t bytes_max) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  UniqueFd fd(open(path.c_str(), kFlags, 0644));
  if (!fd && errno == ENOENT) {
    if (const std::error_code error = MakeFolderOf(path)) {
      return Unavailable(
          fmt::format("cannot create the folder of the log file {}: {}", path, error.message()));
    }
    fd.reset(open(path.c_str(), kFlags, 0644));
  }
  struct stat info {};
  if (!fd || fstat(fd.get(), &info) != 0) {
    return Unavailable(fmt::format("cannot open the log file {}: {}", path, strerror(errno)));
  }
  return BoundedFile(std::move(fd), path, bytes_max, info.st_size);
}

void BoundedFile::Append(std::string_view text, std::string_view stamp) {
  const auto bytes = static_cast<int64_t>(text.size());
  if (bytes_max_ > 0 && size_ + bytes > bytes_max_ && !Shorten(stamp)) return;
  while (!text.empty()) {
    const ssize_t size = write(fd_.get(), text.data(), text.size());
    // A full disk costs the log, not the attempt.
    if (size < 0 && errno != EINTR) return;
    if (size <= 0) continue;
    text.remove_prefix(static_cast<size_t>(size));
    size_ += size;
  }
}

bool BoundedFile::Shorten(std::string_view stamp) {
  const UniqueFd file(open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return false;
  if (head_end_ == 0) head_end_ = LineAfter(file.get(), bytes_max_ / 4);
  const int64_t tail = LineAfter(file.get(), size_ - bytes_max_ / 4);
  left_out_bytes_ += tail - head_end_ - mark_bytes_;
  const std::string mark = std::string(stamp) + LeftOutMark(left_out_bytes_);
  mark_bytes_ = static_cast<int64_t>(mark.size());
  const int64_t moved = size_ - tail;
  if (!WriteAll(file.get(), mark, head_end_)) return false;
  if (!MoveDown(file.get(), tail, size_, head_end_ + mark_bytes_)) return false;
  if (ftruncate(file.get(), head_end_ + mark_bytes_ + moved) != 0) return false;
  size_ = head_end_ + mark_bytes_ + moved;
  return true;
}

}  // namespace beeflow
