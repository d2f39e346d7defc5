#include "os/file_wait.h"

#include <poll.h>
#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace beeflow {
namespace {

constexpr Duration kUnwatched = std::chrono::milliseconds(100);

}  // namespace

InotifyFileWait::InotifyFileWait(const std::string& path)
    : folder_(std::filesystem::path(path).parent_path().string()),
      inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  WatchFolder();
}

bool InotifyFileWait::WatchFolder() {
  if (watch_ < 0 && inotify_) {
    watch_ = inotify_add_watch(inotify_.get(), folder_.c_str(),
                               IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE);
  }
  return watch_ >= 0;
}

void InotifyFileWait::For(Duration longest) {
  const bool was_watched = watch_ >= 0;
  const bool is_watched = WatchFolder();
  if (is_watched && !was_watched) return;  // what was written before has told nobody
  const Duration span = is_watched ? longest : std::min(longest, kUnwatched);
  pollfd ready{is_watched ? inotify_.get() : -1, POLLIN, 0};
  poll(&ready, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(span).count()));
  std::array<char, 4096> events;  // of the whole folder; that there are some is enough
  while (is_watched && read(inotify_.get(), events.data(), events.size()) > 0) continue;
}

}  // namespace beeflow
