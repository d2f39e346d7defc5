#include "worker/frame_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>

#include "worker/frame.h"

namespace beeflow {
namespace {

using asio::posix::stream_descriptor;

// Shared by all connections of the thread: a message is taken out before the next read.
constexpr size_t kReadBytes = 64 * 1024;
// On the heap: every thread of the program would have the memory of a variable.
char* ReadBuffer() {
  static thread_local const auto kBuffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  return kBuffer.get();
}

UniqueFd NonBlocking(UniqueFd socket) {
  fcntl(socket.get(), F_SETFL, fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  return socket;
}

}  // namespace

struct FrameSocket::State : std::enable_shared_from_this<State> {
  struct PassedDescriptor {
    uint64_t position;  // in the stream: of the first byte of its frame
    UniqueFd fd;
  };

  State(asio::io_context& io, UniqueFd fd, Callbacks the_callbacks)
      : socket(io, NonBlocking(std::move(fd)).release()), callbacks(std::move(the_callbacks)) {}

  void WaitToRead() {
    socket.async_wait(stream_descriptor::wait_read,
                      [self = shared_from_this()](std::error_code error) {
                        if (!error && self->open) self->Read();
                      });
  }

  void Read() {
    const ssize_t size = recv(socket.native_handle(), ReadBuffer(), kReadBytes, MSG_DONTWAIT);
    if (size == 0) return Fail("the other side closed the connection");
    if (size < 0) {
      if (errno == EAGAIN || errno == EINTR) return WaitToRead();
      return Fail(strerror(errno));
    }
    decoder.Append({ReadBuffer(), static_cast<size_t>(size)});
    while (open) {
      Result<std::optional<Json>> message = decoder.Next();
      if (!message.ok()) return Fail(message.error().message);
      if (!message->has_value()) return WaitToRead();
      callbacks.on_frame(std::move(**message));
    }
  }

  void ScheduleFlush() {
    if (std::exchange(flushing, true)) return;
    asio::post(socket.get_executor(), [self = shared_from_this()] {
      if (self->open) self->Flush();
    });
  }

  void Flush() {
    while (out_start < out.size()) {
      const ssize_t size = WriteSome();
      if (size < 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN) return WaitToWrite();
        return Fail(strerror(errno));
      }
      out_start += static_cast<size_t>(size);
    }
    out_position += out.size();
    std::string().swap(out);
    out_start = 0;
    flushing = false;
  }

  // Writes up to the next frame that takes a descriptor along; its first byte carries it.
  ssize_t WriteSome() {
    iovec bytes{out.data() + out_start, out.size() - out_start};
    msghdr header{};
    header.msg_iov = &bytes;
    header.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    const uint64_t position = out_position + out_start;
    const bool carries = !descriptors.empty() && descriptors.front().position == position;
    if (carries) {
      header.msg_control = control;
      header.msg_controllen = sizeof control;
      cmsghdr* rights = CMSG_FIRSTHDR(&header);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(sizeof(int));
      const int fd = descriptors.front().fd.get();
      std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    }
    const size_t next = carries ? 1 : 0;
    if (descriptors.size() > next) bytes.iov_len = descriptors[next].position - position;
    const ssize_t size = sendmsg(socket.native_handle(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (carries && size > 0) descriptors.pop_front();
    return size;
  }

  void WaitToWrite() {
    socket.async_wait(stream_descriptor::wait_write,
                      [self = shared_from_this()](std::error_code error) {
                        if (!error && self->open) self->Flush();
                      });
  }

  void Shut() {
    open = false;
    std::error_code ignored;
    socket.close(ignored);
    descriptors.clear();
    std::string().swap(out);
  }

  // Tells later, since a write may fail while its caller is in the middle of something.
  void Fail(const std::string& why) {
    Shut();
    asio::post(socket.get_executor(), [self = shared_from_this(), why] {
      if (!std::exchange(self->silent, true)) self->callbacks.on_closed(why);
    });
  }

  stream_descriptor socket;
  const Callbacks callbacks;
  FrameDecoder decoder;
  std::string out;
  size_t out_start = 0;       // of what is not written yet
  uint64_t out_position = 0;  // in the stream, of the start of `out`
  std::deque<PassedDescriptor> descriptors;
  bool open = true;
  bool flushing = false;
  bool silent = false;  // the owner is gone or was told
};

FrameSocket::FrameSocket(asio::io_context& io, UniqueFd socket, Callbacks callbacks)
    : state_(std::make_shared<State>(io, std::move(socket), std::move(callbacks))) {
  state_->WaitToRead();
}

FrameSocket::~FrameSocket() { Close(); }

void FrameSocket::Send(const Json& message) { Send(message, UniqueFd()); }

void FrameSocket::Send(const Json& message, UniqueFd descriptor) {
  if (!state_->open) return;
  if (descriptor) {
    state_->descriptors.push_back(
        {state_->out_position + state_->out.size(), std::move(descriptor)});
  }
  AppendFrame(message, &state_->out);
  state_->ScheduleFlush();
}

bool FrameSocket::HasUnread() const {
  char byte = 0;
  return state_->open &&
         recv(state_->socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

void FrameSocket::Close() {
  state_->silent = true;
  if (!state_->open) return;
  state_->Flush();
  if (state_->open) state_->Shut();
}

Result<UniqueFd> ConnectUnixSocket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Invalid(
        fmt::format("{}: too long for a socket, at most {} characters; choose a shorter "
                    "BEEFLOW_HOME",
                    path, sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Unavailable(fmt::format("cannot make a socket: {}", strerror(errno)));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Unavailable(fmt::format("{}: cannot connect: {}", path, strerror(errno)));
  }
  return fd;
}

}  // namespace beeflow
