#include "os/child_watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "os/process.h"

namespace beeflow {
namespace {

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

struct ChildWatch::State : std::enable_shared_from_this<State> {
  State(asio::io_context& io, pid_t the_pid, UniqueFd fd, Leftovers the_leftovers,
        Callback the_callback)
      : pid(the_pid),
        leftovers(the_leftovers),
        callback(std::move(the_callback)),
        pidfd(io, fd.release()) {}

  void Wait() {
    pidfd.async_wait(asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](std::error_code error) {
                       if (!error && self->callback) self->Reap();
                     });
  }

  // Asio hands the events of a descriptor that was closed, now and then, to one that was opened
  // since: only the descriptor itself says whether the process has ended.
  bool HasEnded() {
    pollfd entry = {pidfd.native_handle(), POLLIN, 0};
    return poll(&entry, 1, 0) == 1;
  }

  void Reap() {
    if (!HasEnded()) return Wait();
    if (leftovers == Leftovers::kKillGroup) SignalGroup(pid, SIGKILL);
    int status = 0;
    rusage taken{};
    const pid_t reaped = wait4(pid, &status, WNOHANG, &taken);
    if (reaped == 0) return Wait();
    usage = {SecondsOf(taken.ru_utime) + SecondsOf(taken.ru_stime), taken.ru_maxrss * 1024};
    std::error_code ignored;
    pidfd.close(ignored);
    const Callback call = std::exchange(callback, nullptr);
    call(reaped == pid ? std::optional(status) : std::nullopt);
  }

  const pid_t pid;
  const Leftovers leftovers;
  Callback callback;
  ProcessUsage usage;
  asio::posix::stream_descriptor pidfd;
};

const ProcessUsage& ChildWatch::usage() const { return state_->usage; }

ChildWatch::ChildWatch(asio::io_context& io, pid_t pid, UniqueFd pidfd, Leftovers leftovers,
                       Callback callback)
    : state_(std::make_shared<State>(io, pid, std::move(pidfd), leftovers, std::move(callback))) {
  state_->Wait();
}

Result<ChildWatch> ChildWatch::ForPid(asio::io_context& io, pid_t pid, Callback callback) {
  UniqueFd pidfd = OpenPidFd(pid);
  if (!pidfd) return NotFound(fmt::format("process {}: {}", pid, strerror(errno)));
  return ChildWatch(io, pid, std::move(pidfd), Leftovers::kKeep, std::move(callback));
}

ChildWatch::~ChildWatch() {
  if (!state_) return;
  state_->callback = nullptr;
  std::error_code ignored;
  state_->pidfd.close(ignored);
}

ChildWatch::ChildWatch(ChildWatch&&) noexcept = default;

ChildWatch& ChildWatch::operator=(ChildWatch&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

}  // namespace beeflow
