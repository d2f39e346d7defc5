#include "os/inotify.h"

#include <fmt/format.h>
#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace beeflow {

struct Inotify::State : std::enable_shared_from_this<State> {
  State(asio::io_context& io, int the_fd, Callback the_callback)
      : callback(std::move(the_callback)), fd(the_fd), descriptor(io) {
    if (fd >= 0) descriptor.assign(fd);
  }

  void Wait() {
    descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this()](std::error_code error) {
                            if (!error && self->callback) self->Read();
                          });
  }

  void Read() {
    alignas(inotify_event) char buffer[16 * 1024];
    std::vector<InotifyEvent> events;
    const ssize_t size = read(fd, buffer, sizeof buffer);
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      events.push_back({event->wd, event->mask, event->len > 0 ? event->name : ""});
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
    const Callback call = callback;  // stays whole where the call ends the Inotify
    if (!events.empty()) call(events);
    if (callback) Wait();
  }

  Callback callback;
  int fd;
  asio::posix::stream_descriptor descriptor;
};

Inotify::Inotify(asio::io_context& io, Callback callback)
    : state_(std::make_shared<State>(io, inotify_init1(IN_NONBLOCK | IN_CLOEXEC),
                                     std::move(callback))) {
  if (state_->fd >= 0) state_->Wait();
}

Inotify::~Inotify() {
  std::error_code ignored;
  state_->descriptor.close(ignored);
  state_->callback = nullptr;
  state_->fd = -1;
}

Result<int> Inotify::Add(const std::string& path, uint32_t mask) {
  const int watch = inotify_add_watch(state_->fd, path.c_str(), mask);
  if (watch >= 0) return watch;
  const int error = errno;
  if (error == ENOENT || error == ENOTDIR) return NotFound(fmt::format("{}: not found", path));
  const char* hint = error == ENOSPC ? " (raise the sysctl fs.inotify.max_user_watches)"
                     : error == EBADF || error == EMFILE
                         ? " (raise the sysctl fs.inotify.max_user_instances)"
                         : "";
  return Unavailable(fmt::format("{}: cannot watch: {}{}", path, strerror(error), hint));
}

void Inotify::Remove(int watch) { inotify_rm_watch(state_->fd, watch); }

}  // namespace beeflow
