// One deadline on the wall clock. Setting the clock, or suspending the machine, moves the moment at
// which it fires along: it fires when the wall clock reaches the deadline, whichever way it got
// there.
//
// Threads: all on the thread of the io_context. The callback is never called from within Arm; it
// may arm the timer again or destroy it.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>

#include "base/time.h"

namespace beeflow {

class WallTimer {
 public:
  explicit WallTimer(asio::io_context& io);
  ~WallTimer();
  WallTimer(const WallTimer&) = delete;
  WallTimer& operator=(const WallTimer&) = delete;

  // Replaces the former deadline. One that has passed fires at once.
  void Arm(Time deadline, std::function<void()> callback);
  void Disarm();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace beeflow
