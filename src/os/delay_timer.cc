#include "os/delay_timer.h"

#include <asio/steady_timer.hpp>
#include <utility>

namespace beeflow {

struct DelayTimer::State {
  State(asio::io_context& io, Duration delay, std::function<void()> the_callback)
      : timer(io, delay), callback(std::move(the_callback)) {}
  asio::steady_timer timer;
  std::function<void()> callback;
};

void DelayTimer::Arm(Duration delay, std::function<void()> callback) {
  Disarm();
  state_ = std::make_shared<State>(*io_, delay, std::move(callback));
  state_->timer.async_wait([this, state = state_](std::error_code error) {
    // Without its callback it was disarmed, perhaps after it had expired; `this` may be gone then.
    if (error || !state->callback) return;
    const auto call = std::exchange(state->callback, nullptr);
    state_.reset();
    call();
  });
}

void DelayTimer::Disarm() {
  if (!state_) return;
  state_->callback = nullptr;
  state_->timer.cancel();
  state_.reset();
}

}  // namespace beeflow
