// The attempt channel over a Unix socket on which control listens. While nothing is needed of
// control, the appearance of the socket is waited for; otherwise it is looked for on a timer. A
// folder of the socket that was removed is abandoned: no control process will ever listen there.
//
// Threads: all on the thread of the io_context. No callback comes from within a method.
#pragma once

#include <asio/io_context.hpp>
#include <memory>
#include <string>

#include "os/delay_timer.h"
#include "os/file_change_signal.h"
#include "worker/control_link.h"
#include "worker/frame_socket.h"
#include "worker/report_outbox.h"

namespace beeflow {

class SocketLink : public ControlLink {
 public:
  SocketLink(asio::io_context& io, std::string socket_path, Callbacks callbacks);

  void Connect() override;
  void Hurry() override;
  bool is_connected() const override { return socket_ != nullptr; }
  void Report(const std::string& attempt_id, Json report, bool ends_attempt) override;
  void Send(const Json& message) override;
  void OnLogWritten(const std::string&) override {}  // control reads the file itself
  bool has_reports() const override { return !outbox_.reports().empty(); }
  bool AwaitsAcknowledgement(const std::string& attempt_id) const override {
    return outbox_.ended().contains(attempt_id);
  }
  bool OnIdle() override;
  bool Drain() override { return false; }
  bool may_end() const override { return !has_reports(); }

 private:
  void SendHello();
  void OnFrame(Json message);
  void OnClosed();
  void ConnectLater();

  asio::io_context& io_;
  const std::string socket_path_;
  const Callbacks callbacks_;
  std::unique_ptr<FrameSocket> socket_;
  std::unique_ptr<FileChangeSignal> socket_appears_;
  ReportOutbox outbox_;
  Duration backoff_;
  DelayTimer retry_;
};

}  // namespace beeflow
