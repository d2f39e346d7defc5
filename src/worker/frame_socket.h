// One end of a connection that carries frames, on a Unix stream socket in the event loop. What is
// sent during one turn of the loop goes out in one write.
//
// Threads: all on the thread of the io_context. No callback comes from within a method; both may
// destroy the FrameSocket. After on_closed, or Close, no callback comes any more, and what is sent
// is dropped.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/json.h"
#include "os/unique_fd.h"

namespace beeflow {

class FrameSocket {
 public:
  struct Callbacks {
    std::function<void(Json message)> on_frame;
    // The other side closed, or broke the protocol; `why` is for the log.
    std::function<void(const std::string& why)> on_closed;
  };

  FrameSocket(asio::io_context& io, UniqueFd socket, Callbacks callbacks);
  ~FrameSocket();
  FrameSocket(const FrameSocket&) = delete;
  FrameSocket& operator=(const FrameSocket&) = delete;

  void Send(const Json& message);
  // With a descriptor that passes to the other side.
  void Send(const Json& message, UniqueFd descriptor);
  // Whether bytes of the other side have come that no callback has told of yet.
  bool HasUnread() const;
  // Sends what is left as far as the other side takes it at once, then closes.
  void Close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Connects to the Unix socket at `path`, without waiting.
Result<UniqueFd> ConnectUnixSocket(const std::string& path);

}  // namespace beeflow
