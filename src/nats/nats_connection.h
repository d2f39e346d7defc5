// A connection to NATS: connects in the background and again whenever it is lost. libnats works on
// threads of its own; what they bring is handed to the io_context, in order.
//
// Threads: methods and callbacks on the thread of the io_context. No callback comes from within a
// method, nor after the end of the connection.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "nats/nats_options.h"

namespace beeflow {

struct NatsMessage {
  std::string subject;
  std::string reply;   // "": none is expected
  std::string status;  // of a message of the server's own: "503"; "": it is none
  std::string piece;   // see nats_frame.h; "": it is whole
  std::string data;
};

using NatsHeaders = std::vector<std::pair<std::string, std::string>>;

class NatsConnection {
 public:
  struct Callbacks {
    std::function<void()> on_connected;  // also again
    std::function<void()> on_disconnected;
    std::function<void(NatsMessage message)> on_message;  // to any of the subjects
  };

  // Errors: options that cannot work, such as a file that is missing. A server that is not there is
  // none.
  static Result<std::unique_ptr<NatsConnection>> Open(asio::io_context& io,
                                                      const NatsOptions& options,
                                                      const std::vector<std::string>& subjects,
                                                      Callbacks callbacks);
  // What was published has left.
  ~NatsConnection();
  NatsConnection(const NatsConnection&) = delete;
  NatsConnection& operator=(const NatsConnection&) = delete;

  bool is_connected() const;
  // Why it is not, as far as that is known.
  std::string LastError() const;
  // Of one message.
  size_t payload_bytes_max() const;
  // Dropped while there is no connection.
  void Publish(const std::string& subject, const std::string& data, const std::string& reply = "",
               const NatsHeaders& headers = {});

  struct State;  // what the threads of libnats see

 private:
  explicit NatsConnection(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

}  // namespace beeflow
