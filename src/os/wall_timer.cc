#include "os/wall_timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <utility>

#include "base/result.h"

namespace beeflow {

struct WallTimer::State : std::enable_shared_from_this<State> {
  explicit State(asio::io_context& io)
      : timer(io, timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {}

  void Set() {
    // 0 would disarm; the kernel fires at once for any moment that has passed.
    const auto since_epoch = std::max(deadline.time_since_epoch(), Duration(1));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
    itimerspec spec{};
    spec.it_value.tv_sec = seconds.count();
    spec.it_value.tv_nsec = (since_epoch - seconds).count() * 1000;
    BEEFLOW_CHECK(timerfd_settime(timer.native_handle(),
                                  TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec,
                                  nullptr) == 0);
  }

  void Wait() {
    if (std::exchange(waiting, true)) return;
    timer.async_wait(asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](std::error_code error) {
                       self->waiting = false;
                       if (!error) self->Expired();
                     });
  }

  void Expired() {
    uint64_t expirations = 0;
    const bool fired = read(timer.native_handle(), &expirations, sizeof expirations) > 0;
    if (!callback) return;
    if (fired) return std::exchange(callback, nullptr)();
    if (errno == ECANCELED) Set();  // the clock was set
    Wait();
  }

  Time deadline{};
  std::function<void()> callback;
  bool waiting = false;
  asio::posix::stream_descriptor timer;
};

WallTimer::WallTimer(asio::io_context& io) : state_(std::make_shared<State>(io)) {}

WallTimer::~WallTimer() {
  state_->callback = nullptr;
  std::error_code ignored;
  state_->timer.close(ignored);
}

void WallTimer::Arm(Time deadline, std::function<void()> callback) {
  state_->deadline = deadline;
  state_->callback = std::move(callback);
  state_->Set();
  state_->Wait();
}

void WallTimer::Disarm() {
  if (!std::exchange(state_->callback, nullptr)) return;
  const itimerspec none{};
  timerfd_settime(state_->timer.native_handle(), 0, &none, nullptr);
}

}  // namespace beeflow
