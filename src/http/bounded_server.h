// httplib's server, with or without TLS, over connections that are within limits.
#pragma once

#include <fcntl.h>
#include <httplib.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "http/bounded_connection.h"

namespace beeflow {

// Base is httplib::Server or httplib::SSLServer.
template <typename Base>
class BoundedServer : public Base {
 public:
  template <typename... Arguments>
  explicit BoundedServer(const ConnectionLimits& limits, Arguments&&... arguments)
      : Base(std::forward<Arguments>(arguments)...), limits_(limits) {}

 private:
  using Tls = std::unique_ptr<SSL, decltype(&SSL_free)>;

  Tls MakeTls(int socket) {
    if constexpr (std::is_same_v<Base, httplib::SSLServer>) {
      Tls tls(SSL_new(this->ssl_context()), SSL_free);
      fcntl(socket, F_SETFL, O_NONBLOCK);
      if (tls) SSL_set_fd(tls.get(), socket);
      return tls;
    }
    return {nullptr, SSL_free};
  }

  void Serve(BoundedConnection* connection) {
    if (!connection->ShakeHands()) return;
    for (size_t left = this->keep_alive_max_count_; left > 0; --left) {
      if (this->svr_sock_ == INVALID_SOCKET || !connection->AwaitRequest()) return;
      bool is_closed = false;
      const bool went_well = this->process_request(*connection, left == 1, is_closed, nullptr);
      if (!went_well || is_closed || connection->is_last()) return;
    }
  }

  bool process_and_close_socket(socket_t socket) override {
    {
      const Tls tls = MakeTls(socket);
      BoundedConnection connection(socket, tls.get(), limits_);
      if (tls || !std::is_same_v<Base, httplib::SSLServer>) Serve(&connection);
      if (tls) SSL_shutdown(tls.get());
    }
    shutdown(socket, SHUT_RDWR);
    close(socket);
    return true;
  }

  const ConnectionLimits limits_;
};

}  // namespace beeflow
