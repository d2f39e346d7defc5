// The process of an environment in a sandbox of its own. It is started by the worker, not forked
// from the zygote: that is outside, and everything that it shares with its forks would be inside.
//
// Threads: all on the thread of the io_context.
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "os/child_watch.h"
#include "os/control_groups.h"
#include "os/unique_fd.h"
#include "worker/sandbox.h"
#include "worker/text_tail.h"
#include "worker/worker_options.h"
#include "worker/zygote.h"

namespace beeflow {

class SandboxedEnvironment {
 public:
  struct Request {
    SandboxPolicy policy;
    const ControlGroup* group = nullptr;  // that it enters; null: none
    std::optional<int64_t> memory_mb;     // of each of its processes; absent: no limit
    uint64_t open_files = 0;              // soft limit
    UniqueFd socket;                      // that it serves
  };
  using OnExit = std::function<void(const EnvironmentExit&)>;  // called once

  static Result<std::unique_ptr<SandboxedEnvironment>> Start(asio::io_context& io,
                                                             const WorkerOptions& options,
                                                             Request request, OnExit on_exit);

  // Of the sandbox: the process that the worker waits for, leader of the group of all.
  pid_t pid() const { return pid_; }
  // Whether a process of a former job is left besides the interpreter.
  bool HasLeftovers() const;

 private:
  SandboxedEnvironment(asio::io_context& io, UniqueFd errors) : errors_(io, std::move(errors)) {}

  pid_t pid_ = 0;
  TextTail errors_;
  std::optional<ChildWatch> watch_;
};

}  // namespace beeflow
