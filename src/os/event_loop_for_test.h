// Runs an event loop until a condition holds, within a bounded time: how tests wait for events.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <functional>

namespace beeflow {

// False where the condition did not come true in time.
inline bool RunUntil(asio::io_context& io, const std::function<bool()>& condition,
                     std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (io.stopped()) io.restart();
    // Conditions outside of the loop (a process that ended, a file) are looked at now and then.
    io.run_one_for(std::chrono::milliseconds(10));
    if (std::chrono::steady_clock::now() > deadline) return condition();
  }
  return true;
}

}  // namespace beeflow
