#include "blob/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

namespace beeflow {
namespace {

constexpr std::string_view kUnfinished = ".beeflow-part-";
constexpr int kUnfinishedMax = 1000;  // of one process id in one folder

Error CannotRead(const std::string& path, int error) {
  const std::string message = path + " cannot be read: " + std::strerror(error);
  return error == ENOENT ? NotFound(message) : Unavailable(message);
}

Error CannotWrite(const std::string& path, int error) {
  return Unavailable(path + " cannot be written: " + std::strerror(error) +
                     "; check its folder's permissions and the free space");
}

// Makes the entry of a file in its folder durable.
bool SyncFolder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = fsync(fd) == 0 || errno == EINVAL;  // EINVAL: no such thing there
  close(fd);
  return synced;
}

}  // namespace

Result<InputFile> InputFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return CannotRead(path, errno);
  struct stat status = {};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(fd);
    return CannotRead(path, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
  }
  return InputFile(path, fd, static_cast<uint64_t>(status.st_size));
}

InputFile::InputFile(std::string path, int fd, uint64_t size)
    : path_(std::move(path)), fd_(fd), size_(size) {}
InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}
InputFile::~InputFile() {
  if (fd_ >= 0) close(fd_);
}

Result<size_t> InputFile::ReadAt(uint64_t offset, char* buffer, size_t size) const {
  size_t done = 0;
  while (done < size) {
    const ssize_t count = pread(fd_, buffer + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotRead(path_, errno);
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  return done;
}

Result<NewFile> NewFile::Create(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return CannotWrite(path, error.value());
  const std::string stem = (folder.empty() ? "" : folder + "/") + std::string(kUnfinished) +
                           std::to_string(getpid()) + "-";
  for (int number = 0; number < kUnfinishedMax; ++number) {
    std::string temporary = stem + std::to_string(number);
    const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) return NewFile(path, std::move(temporary), fd);
    if (errno != EEXIST) break;
  }
  return CannotWrite(path, errno);
}

NewFile::NewFile(std::string path, std::string temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}
NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::exchange(other.fd_, -1)) {}
NewFile::~NewFile() {
  if (fd_ >= 0) close(fd_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Error NewFile::Failed() const { return CannotWrite(path_, errno); }

Status NewFile::Append(const char* data, size_t size) {
  while (size > 0) {
    const ssize_t count = write(fd_, data, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed();
    data += count;
    size -= static_cast<size_t>(count);
  }
  return Ok();
}

Status NewFile::Truncate() {
  if (ftruncate(fd_, 0) != 0 || lseek(fd_, 0, SEEK_SET) != 0) return Failed();
  return Ok();
}

Status NewFile::Commit() {
  if (fsync(fd_) != 0) return Failed();
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return Failed();
  temporary_.clear();
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  return SyncFolder(folder.empty() ? "." : folder) ? Ok() : Status(Failed());
}

bool NewFile::IsUnfinished(const std::string& name) { return name.rfind(kUnfinished, 0) == 0; }

}  // namespace beeflow
