// The worker process as control sees it: starts one when it is wanted, accepts its connection, and
// notices its end. A worker that outlived a former control process is taken over.
//
// Threads: all on the thread of the io_context. No callback comes from within a method.
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "os/child_watch.h"
#include "os/delay_timer.h"
#include "worker/frame_socket.h"

namespace beeflow {

struct WorkerChannelOptions {
  std::string socket_path;                         // made by us, for our user alone
  std::string lock_path;                           // the worker's lock file
  std::vector<std::string> worker_argv;            // starts a worker
  std::string worker_log;                          // takes its standard output and error; "": ours
  Duration hang_limit = std::chrono::seconds(30);  // a worker that is silent for longer is killed
};

class WorkerChannel {
 public:
  struct Callbacks {
    std::function<void(const Json& hello)> on_hello;  // the worker is connected, perhaps again
    std::function<void(Json message)> on_message;
    // The worker has ended, and all that it had started.
    std::function<void()> on_gone;
    // It was wanted, but cannot be started; it is tried again when it is wanted again.
    std::function<void(const std::string& reason)> on_unavailable;
  };

  WorkerChannel(asio::io_context& io, WorkerChannelOptions options, Callbacks callbacks);
  ~WorkerChannel();
  WorkerChannel(const WorkerChannel&) = delete;
  WorkerChannel& operator=(const WorkerChannel&) = delete;

  // kConflict where another control process listens.
  Status Listen();
  // Sees to it that a worker connects: on_hello, or on_unavailable, will follow.
  void Want();
  // Dropped while there is no connection.
  void Send(const Json& message);
  // Lets the worker end. It is not connected any more for us; who wants it gets a new one.
  void SendExit();

  // Kills a worker that hangs, and with it all that it had started; on_gone follows.
  void KillWorker();
  // What was told of the limit.
  Duration hang_limit() const { return options_.hang_limit; }

  bool is_connected() const { return connection_ != nullptr && !leaving_; }
  // A worker is alive, as far as we know, or is being started.
  bool is_alive() const { return process_ != Process::kNone; }

 private:
  enum class Process {
    kNone,
    kStarting,  // we started it; it has not said hello
    kAlive,
    kBackingOff,  // it failed to start, and will be started again
  };
  struct Listener;

  void Accept();
  void OnConnection(UniqueFd socket);
  void OnFrame(FrameSocket* connection, Json message);
  void OnHello(FrameSocket* connection, const Json& message);
  void OnClosed(FrameSocket* connection);
  void WatchHolder();
  void Start();
  Status Spawn();
  void OnProcessEnd(std::optional<int> wait_status);
  void OnGone();
  void OnStartFailure(const std::string& reason);

  asio::io_context& io_;
  const WorkerChannelOptions options_;
  const Callbacks callbacks_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<FrameSocket>> newcomers_;  // have not said hello
  std::unique_ptr<FrameSocket> connection_;
  Process process_ = Process::kNone;
  bool leaving_ = false;  // was told to end
  bool ended_ = false;    // has ended, but not all that it sent is read
  bool wanted_ = false;
  int failures_in_a_row_ = 0;
  pid_t worker_pid_ = 0;  // as its hello says
  std::string last_exit_;
  std::optional<ChildWatch> watch_;
  DelayTimer timer_;
  DelayTimer accept_timer_;
};

}  // namespace beeflow
