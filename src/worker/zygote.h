// The zygote as the worker sees it: a Python process that is started on demand, forks environments
// and tells of their ends (docs/formats/environment-protocol.md).
//
// Threads: all on the thread of the io_context; no callback comes from within a method.
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "os/child_watch.h"
#include "os/delay_timer.h"
#include "os/unique_fd.h"
#include "worker/frame_socket.h"
#include "worker/worker_options.h"

namespace beeflow {

class TextTail;

// How an environment's process ended, and what it took in its life.
struct EnvironmentExit {
  int wait_status = 0;
  ProcessUsage usage;
  std::string reason;  // in words, where more is known than the status
};

// "NAME=value" of all that an interpreter of the worker's sees.
std::vector<std::string> InterpreterEnvironment(const WorkerOptions& options);

class Zygote {
 public:
  struct Callbacks {
    std::function<void(const std::string& environment, pid_t pid)> on_forked;
    std::function<void(const std::string& environment, const EnvironmentExit& exit)> on_exited;
    // The zygote has died, or cannot be started; with it all environments are lost that were
    // asked for and whose exit was not told.
    std::function<void(const std::string& reason)> on_lost;
    std::function<void()> on_stopped;  // after Stop
  };

  // `options` must outlive the zygote. `open_files`: the soft limit that user code gets.
  Zygote(asio::io_context& io, const WorkerOptions& options, uint64_t open_files,
         Callbacks callbacks);
  ~Zygote();

  // Forks an environment that serves `socket`, once there is a zygote.
  // `entry_files`: of the control group that it enters. With `contain` what it prints is discarded,
  // and it is ended when it starts too many processes.
  void Fork(const std::string& environment, std::optional<int64_t> memory_mb,
            std::vector<std::string> entry_files, UniqueFd socket, bool contain);
  // Ends the zygote. What is forked afterwards starts a new one.
  void Stop();
  pid_t pid() const { return pid_; }  // 0: there is none
  bool is_stopped() const { return state_ == State::kStopped; }

 private:
  enum class State { kStopped, kStarting, kReady, kStopping, kBackingOff };
  struct PendingFork {
    std::string environment;
    std::optional<int64_t> memory_mb;
    std::vector<std::string> entry_files;
    UniqueFd socket;
    bool contain;
  };

  void Start();
  Status Spawn();
  void OnFrame(const Json& message);
  void OnReady();
  void OnExit(int wait_status);
  void OnStartFailure(const std::string& reason);
  void Lose(const std::string& reason);
  void SendFork(PendingFork fork);

  asio::io_context& io_;
  const WorkerOptions& options_;
  const uint64_t open_files_;
  const Callbacks callbacks_;
  State state_ = State::kStopped;
  pid_t pid_ = 0;
  int failures_in_a_row_ = 0;
  std::deque<PendingFork> pending_;  // until the zygote is ready
  std::unique_ptr<FrameSocket> socket_;
  std::unique_ptr<TextTail> errors_;
  std::optional<ChildWatch> watch_;
  DelayTimer timer_;
};

}  // namespace beeflow
