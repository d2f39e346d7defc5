// The worker's end of the attempt channel (docs/formats/attempt-channel.md): finds control again
// and again while it is gone, and keeps each report until control has committed it.
// Implementations: SocketLink, on one host; NatsLink (nats/), across hosts.
//
// Threads: all on the thread of the io_context. No callback comes from within a method.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"

namespace beeflow {

class ControlLink {
 public:
  struct Callbacks {
    // Any message that is not the link's own business, such as `ack`.
    std::function<void(Json message)> on_message;
    std::string limits;  // how limits are enforced, for `hello`
    // The ids of the attempts that run, for `hello`.
    std::function<std::vector<std::string>()> running_attempts;
    std::function<void()> on_connected;
    std::function<void()> on_disconnected;
    std::function<void()> on_acknowledged;  // fewer reports are kept
    // True while control must be found soon.
    std::function<bool()> is_needed;
    // No control process will ever be found again.
    std::function<void()> on_abandoned;
  };

  virtual ~ControlLink() = default;

  virtual void Connect() = 0;
  // Something runs again that needs control.
  virtual void Hurry() = 0;
  virtual bool is_connected() const = 0;

  // Numbers the report, keeps it and sends it. `ends_attempt`: it tells the attempt's end.
  virtual void Report(const std::string& attempt_id, Json report, bool ends_attempt) = 0;
  // Dropped while there is no connection.
  virtual void Send(const Json& message) = 0;
  // The attempt's log file has grown, or was shortened.
  virtual void OnLogWritten(const std::string& attempt_id) = 0;

  virtual bool has_reports() const = 0;
  // Its end is reported, but not acknowledged yet.
  virtual bool AwaitsAcknowledgement(const std::string& attempt_id) const = 0;

  // Nothing runs and no environment is alive. True: the worker ends.
  virtual bool OnIdle() = 0;
  // Called when the worker is told to stop. True: it takes no more attempts, and those that it has
  // may run to their end; false: they are to be ended.
  virtual bool Drain() = 0;
  // Nothing that was reported would be lost if the worker ended now.
  virtual bool may_end() const = 0;
};

}  // namespace beeflow
