// A connection as httplib reads and writes it, with or without TLS, within limits: whoever sends or
// reads slowly, on purpose or not, holds a thread for a while only, and the head of a request takes
// little memory, whatever is in it.
#pragma once

#include <httplib.h>

#include <array>
#include <optional>
#include <string>

#include "http/connection_limits.h"

namespace beeflow {

// Belongs to the thread that serves it.
class BoundedConnection : public httplib::Stream {
 public:
  // `tls` is null without TLS. The socket and `tls` outlive it.
  BoundedConnection(int socket, SSL* tls, const ConnectionLimits& limits);
  ~BoundedConnection() override;
  BoundedConnection(const BoundedConnection&) = delete;
  BoundedConnection& operator=(const BoundedConnection&) = delete;

  // The one that this thread serves, or null.
  static BoundedConnection* Current();

  // False where TLS does not come about.
  bool ShakeHands();
  // Waits for the next request. False where none comes.
  bool AwaitRequest();
  // The head has been read, and says that so many bytes follow; absent: in chunks.
  void BeginBody(std::optional<size_t> bytes);
  // The rest of what was sent is not read.
  void CloseAfterwards() { is_last_ = true; }
  bool is_last() const { return is_last_; }

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  // Bytes that went through, or, where none did, what to wait for; 0: nothing, it is over.
  struct Progress {
    ssize_t bytes = -1;
    short wait_for = 0;
  };

  Progress TryRead(char* to, size_t size);
  Progress TryWrite(const char* from, size_t size);
  Progress FromTls(int result);
  void Allow(Duration span);
  void AllowFor(size_t bytes);
  // False where the time that is allowed is up.
  bool Wait(short events) const;

  const int socket_;
  SSL* const tls_;
  const ConnectionLimits limits_;
  int timer_ = -1;
  bool is_first_ = true;  // request that is awaited
  bool is_last_ = false;
  size_t bytes_left_ = 0;  // that may be read yet
  std::array<char, 4096> buffer_{};
  size_t begin_ = 0;  // of what is in the buffer
  size_t end_ = 0;
};

}  // namespace beeflow
