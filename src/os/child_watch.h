// Waits for the end of one process, without signals or threads: a pidfd in the event loop.
//
// Threads: all on the thread of the io_context. The callback is called once, never from within the
// constructor; destroying the watch (from within the callback too) forgets the process, which then
// stays a zombie until this process ends, if it is a child.
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "os/unique_fd.h"

namespace beeflow {

enum class Leftovers {
  kKeep,
  kKillGroup,  // SIGKILL to the process group, while its id cannot have passed to another one
};

// What a child took, and the children that it waited for. The kernel counts what a process had
// before it executed its program, too: memory is at least that of whoever spawned it.
struct ProcessUsage {
  double cpu_seconds = 0;
  int64_t memory_bytes_max = 0;  // resident, of the largest process
};

class ChildWatch {
 public:
  // The wait status; absent where the process was not a child of ours.
  using Callback = std::function<void(std::optional<int> wait_status)>;

  ChildWatch(asio::io_context& io, pid_t pid, UniqueFd pidfd, Leftovers leftovers,
             Callback callback);
  // Watches any process. kNotFound where it has ended already.
  static Result<ChildWatch> ForPid(asio::io_context& io, pid_t pid, Callback callback);
  ~ChildWatch();
  // Of a child that has ended: within the callback, and afterwards.
  const ProcessUsage& usage() const;
  ChildWatch(ChildWatch&&) noexcept;
  ChildWatch& operator=(ChildWatch&&) noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace beeflow
