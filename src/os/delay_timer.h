// One deadline that lies a span of time ahead, on the clock that nobody sets: for time limits,
// grace periods and back-off. For moments of the wall clock see wall_timer.h.
//
// Threads: all on the thread of the io_context. The callback is never called from within Arm, nor
// after Disarm or the end of the timer; it may arm the timer again or destroy it.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>

#include "base/time.h"

namespace beeflow {

class DelayTimer {
 public:
  explicit DelayTimer(asio::io_context& io) : io_(&io) {}
  ~DelayTimer() { Disarm(); }
  DelayTimer(const DelayTimer&) = delete;
  DelayTimer& operator=(const DelayTimer&) = delete;

  // Replaces the former deadline.
  void Arm(Duration delay, std::function<void()> callback);
  void Disarm();
  bool armed() const { return state_ != nullptr; }

 private:
  struct State;
  asio::io_context* io_;
  std::shared_ptr<State> state_;  // of the armed deadline; a timer that is not armed costs nothing
};

}  // namespace beeflow
