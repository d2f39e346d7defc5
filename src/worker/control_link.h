// The worker's end of the attempt channel (docs/formats/attempt-channel.md): connects to control,
// again and again while it is gone, and keeps each report until control has committed it.
//
// Threads: all on the thread of the io_context. No callback comes from within a method.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "os/delay_timer.h"
#include "os/file_change_signal.h"
#include "worker/frame_socket.h"

namespace beeflow {

class ControlLink {
 public:
  struct Callbacks {
    // Any message but `ack`, which is dealt with here.
    std::function<void(Json message)> on_message;
    std::string limits;  // how limits are enforced, for `hello`
    // The ids of the attempts that run, for `hello`.
    std::function<std::vector<std::string>()> running_attempts;
    std::function<void()> on_connected;
    std::function<void()> on_disconnected;
    std::function<void()> on_acknowledged;  // fewer reports are kept
    // True while control must be found soon: it is looked for on a timer then, not only when its
    // socket appears.
    std::function<bool()> is_needed;
    // The folder of the socket was removed: no control process will ever listen there.
    std::function<void()> on_abandoned;
  };

  ControlLink(asio::io_context& io, std::string socket_path, Callbacks callbacks);

  void Connect();
  // Something runs again that needs control.
  void Hurry();
  bool is_connected() const { return socket_ != nullptr; }

  // Numbers the report, keeps it and sends it. `ends_attempt`: it tells the attempt's end.
  void Report(const std::string& attempt_id, Json report, bool ends_attempt);
  // Dropped while there is no connection.
  void Send(const Json& message);

  bool has_reports() const { return !reports_.empty(); }
  // Its end is reported, but not acknowledged yet.
  bool AwaitsAcknowledgement(const std::string& attempt_id) const {
    return ended_.contains(attempt_id);
  }

 private:
  struct KeptReport {
    std::string attempt_id;
    Json message;
    bool ends_attempt = false;
  };

  void SendHello();
  void OnFrame(Json message);
  void OnAck(const Json& message);
  void OnClosed();
  void ConnectLater();

  asio::io_context& io_;
  const std::string socket_path_;
  const Callbacks callbacks_;
  std::unique_ptr<FrameSocket> socket_;
  std::unique_ptr<FileChangeSignal> socket_appears_;
  uint64_t last_report_ = 0;
  std::map<uint64_t, KeptReport> reports_;
  std::set<std::string> ended_;
  Duration backoff_;
  DelayTimer retry_;
};

}  // namespace beeflow
