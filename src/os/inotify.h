// An inotify instance in the event loop: the one place that reads its event records.
//
// Threads: all on the thread of the io_context. The callback gets all events that one read brought;
// it may destroy the Inotify.
#pragma once

#include <sys/inotify.h>

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace beeflow {

struct InotifyEvent {
  int watch = -1;     // -1 with IN_Q_OVERFLOW: events were lost
  uint32_t mask = 0;  // IN_*
  std::string name;   // within the watched folder; "" for the watched file itself
};

class Inotify {
 public:
  using Callback = std::function<void(const std::vector<InotifyEvent>& events)>;

  Inotify(asio::io_context& io, Callback callback);
  ~Inotify();
  Inotify(const Inotify&) = delete;
  Inotify& operator=(const Inotify&) = delete;

  // Watching the same file again changes its mask and gives the same number.
  Result<int> Add(const std::string& path, uint32_t mask);
  void Remove(int watch);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace beeflow
