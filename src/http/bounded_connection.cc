#include "http/bounded_connection.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/result.h"

namespace beeflow {
namespace {

constexpr size_t kExpectedInChunks = 1 << 20;  // of a body whose length is not told

thread_local BoundedConnection* current = nullptr;

using GetName = int (*)(int, sockaddr*, socklen_t*);

void AddressOf(int socket, GetName get_name, std::string* ip, int* port) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> service{};
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (get_name(socket, generic, &size) != 0) return;
  if (getnameinfo(generic, size, host.data(), host.size(), service.data(), service.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return;
  }
  *ip = host.data();
  *port = static_cast<int>(std::strtol(service.data(), nullptr, 10));
}

}  // namespace

BoundedConnection::BoundedConnection(int socket, SSL* tls, const ConnectionLimits& limits)
    : socket_(socket), tls_(tls), limits_(limits) {
  timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  current = this;
}

BoundedConnection::~BoundedConnection() {
  current = nullptr;
  if (timer_ >= 0) close(timer_);
}

BoundedConnection* BoundedConnection::Current() { return current; }

void BoundedConnection::Allow(Duration span) {
  const int64_t microseconds = std::max<int64_t>(1, span.count());
  constexpr int64_t kMillion = 1'000'000;
  constexpr int64_t kThousand = 1000;
  const itimerspec in = {{0, 0}, {microseconds / kMillion, microseconds % kMillion * kThousand}};
  timerfd_settime(timer_, 0, &in, nullptr);
}

void BoundedConnection::AllowFor(size_t bytes) {
  Allow(limits_.patience + std::chrono::seconds(bytes / limits_.bytes_per_second_min));
}

bool BoundedConnection::Wait(short events) const {
  std::array<pollfd, 2> polled = {{{socket_, events, 0}, {timer_, POLLIN, 0}}};
  while (poll(polled.data(), polled.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  return polled[1].revents == 0;
}

BoundedConnection::Progress BoundedConnection::FromTls(int result) {
  if (result > 0) return {result, 0};
  switch (SSL_get_error(tls_, result)) {
    case SSL_ERROR_WANT_READ:
      return {-1, POLLIN};
    case SSL_ERROR_WANT_WRITE:
      return {-1, POLLOUT};
    case SSL_ERROR_ZERO_RETURN:
      return {0, 0};
    default:
      return {-1, 0};
  }
}

BoundedConnection::Progress BoundedConnection::TryRead(char* to, size_t size) {
  if (tls_) {
    ERR_clear_error();
    return FromTls(SSL_read(tls_, to, static_cast<int>(std::min<size_t>(size, INT_MAX))));
  }
  const ssize_t bytes = recv(socket_, to, size, MSG_DONTWAIT);
  if (bytes >= 0) return {bytes, 0};
  const bool would_block = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return {-1, static_cast<short>(would_block ? POLLIN : 0)};
}

BoundedConnection::Progress BoundedConnection::TryWrite(const char* from, size_t size) {
  if (tls_) {
    ERR_clear_error();
    return FromTls(SSL_write(tls_, from, static_cast<int>(std::min<size_t>(size, INT_MAX))));
  }
  const ssize_t bytes = send(socket_, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (bytes >= 0) return {bytes, 0};
  const bool would_block = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return {-1, static_cast<short>(would_block ? POLLOUT : 0)};
}

bool BoundedConnection::ShakeHands() {
  if (timer_ < 0) return false;
  if (!tls_) return true;
  AllowFor(0);
  while (true) {
    ERR_clear_error();
    const Progress progress = FromTls(SSL_accept(tls_));
    if (progress.bytes > 0) return true;
    if (progress.wait_for == 0 || !Wait(progress.wait_for)) return false;
  }
}

bool BoundedConnection::AwaitRequest() {
  if (begin_ == end_ && (!tls_ || SSL_pending(tls_) == 0)) {
    Allow(is_first_ ? limits_.patience : limits_.idle_max);
    if (!Wait(POLLIN)) return false;
  }
  is_first_ = false;
  bytes_left_ = limits_.head_bytes_max;
  AllowFor(0);
  return true;
}

void BoundedConnection::BeginBody(std::optional<size_t> bytes) {
  // What stands in the buffer was counted with the head; chunks have heads of their own.
  bytes_left_ = 2 * limits_.body_bytes_max + limits_.head_bytes_max;
  AllowFor(std::min(bytes.value_or(kExpectedInChunks), limits_.body_bytes_max));
}

bool BoundedConnection::is_readable() const {
  pollfd polled{socket_, POLLIN, 0};
  return begin_ < end_ || poll(&polled, 1, 0) > 0;
}

bool BoundedConnection::is_writable() const {
  pollfd polled{socket_, POLLOUT, 0};
  if (poll(&polled, 1, 0) < 0 || (polled.revents & (POLLERR | POLLHUP)) != 0) return false;
  // A peer that has closed its side has ended its reading too, as far as HTTP goes.
  char next = 0;
  return recv(socket_, &next, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

ssize_t BoundedConnection::read(char* to, size_t size) {
  if (begin_ == end_) {
    while (true) {
      const size_t most = std::min(buffer_.size(), bytes_left_);
      if (most == 0) return -1;
      const Progress progress = TryRead(buffer_.data(), most);
      if (progress.bytes == 0) return 0;
      if (progress.bytes > 0) {
        begin_ = 0;
        end_ = static_cast<size_t>(progress.bytes);
        bytes_left_ -= end_;
        break;
      }
      if (progress.wait_for == 0 || !Wait(progress.wait_for)) return -1;
    }
  }
  const size_t bytes = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, bytes);
  begin_ += bytes;
  return static_cast<ssize_t>(bytes);
}

ssize_t BoundedConnection::write(const char* from, size_t size) {
  AllowFor(size);
  size_t done = 0;
  while (done < size) {
    const Progress progress = TryWrite(from + done, size - done);
    if (progress.bytes > 0) {
      done += static_cast<size_t>(progress.bytes);
      continue;
    }
    if (progress.wait_for == 0 || !Wait(progress.wait_for)) return -1;
  }
  return static_cast<ssize_t>(done);
}

void BoundedConnection::get_remote_ip_and_port(std::string& ip, int& port) const {
  AddressOf(socket_, getpeername, &ip, &port);
}

void BoundedConnection::get_local_ip_and_port(std::string& ip, int& port) const {
  AddressOf(socket_, getsockname, &ip, &port);
}

}  // namespace beeflow
