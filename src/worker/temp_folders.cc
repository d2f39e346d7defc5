#include "worker/temp_folders.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "os/process.h"
#include "os/unique_fd.h"

namespace beeflow {

namespace fs = std::filesystem;

namespace {

constexpr size_t kPristineMax = 256;

// Asks the kernel directly: opendir allocates 32 KB. False also where it cannot be read.
bool IsEmpty(int folder) {
  alignas(dirent64) char entries[1024];
  ssize_t size = 0;
  while ((size = getdents64(folder, entries, sizeof entries)) > 0) {
    for (ssize_t at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(entries + at);
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") return false;
      at += entry->d_reclen;
    }
  }
  return size == 0;
}

// As mkdtemp made it: empty, and with the same owner and mode.
bool IsPristine(const std::string& folder) {
  const UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  const bool is_ours = fd && fstat(fd.get(), &info) == 0 && info.st_uid == geteuid() &&
                       (info.st_mode & 07777) == 0700;
  return is_ours && IsEmpty(fd.get());
}

}  // namespace

TempFolders::~TempFolders() {
  for (const std::string& folder : pristine_) rmdir(folder.c_str());
}

Status TempFolders::Prepare() {
  std::error_code error;
  fs::create_directories(parent_, error);
  if (error) return Unavailable(fmt::format("{}: cannot create: {}", parent_, error.message()));
  fs::permissions(parent_, fs::perms::owner_all, error);
  for (fs::directory_iterator it(parent_, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    fs::remove_all(it->path(), ignored);
  }
  return Ok();
}

Result<std::string> TempFolders::Make() {
  if (!pristine_.empty()) {
    std::string folder = std::move(pristine_.back());
    pristine_.pop_back();
    return folder;
  }
  std::string folder = parent_ + "/airflowtmpXXXXXX";
  if (!mkdtemp(folder.data())) {
    return Unavailable(fmt::format("{}: cannot create a folder: {}", parent_, strerror(errno)));
  }
  return folder;
}

void TempFolders::Remove(const std::string& folder) {
  if (pristine_.size() < kPristineMax && IsPristine(folder)) {
    pristine_.push_back(folder);
    return;
  }
  if (rmdir(folder.c_str()) == 0 || errno == ENOENT) return;
  SpawnRequest request;
  request.argv = {"rm", "-rf", "--", folder};
  Result<SpawnedProcess> process = Spawn(request);
  if (!process.ok()) return;  // left to the next start
  const pid_t pid = process->pid;
  removers_.emplace(pid, ChildWatch(io_, pid, std::move(process->pidfd), Leftovers::kKeep,
                                    [this, pid](std::optional<int>) { removers_.erase(pid); }));
}

}  // namespace beeflow
